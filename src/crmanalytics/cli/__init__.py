"""The command line: a purchase log in, scored customers and a report out."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Final

__all__ = ["main"]

_NEEDED: Final = ("typer", "tqdm", "jinja2", "pyarrow")


def main() -> None:
    """Run the command line: ``crmanalytics --help`` explains it.

    Exits with 0 if all went well, with 2 after one sentence if the call or the data will not do,
    and with 130 if interrupted.
    """
    lacking = [name for name in _NEEDED if find_spec(name) is None]
    if lacking:
        sys.stderr.write(
            f"crmanalytics: the command line needs {', '.join(lacking)}: "
            "install it with pip install 'crmanalytics[cli]'\n"
        )
        sys.exit(2)
    from crmanalytics.cli.app import app

    app(prog_name="crmanalytics")
