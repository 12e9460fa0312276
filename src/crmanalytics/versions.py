"""Which versions are at work here: the first thing to say when something looks wrong."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["show_versions"]

_CORE = ("numpy", "pandas", "scipy", "scikit-learn", "matplotlib", "narwhals", "lifetimes")
_EXTRA = ("polars", "pyarrow", "duckdb", "pyspark", "skops", "emcee", "typer", "jinja2")


def show_versions() -> pd.DataFrame:
    """Say which versions of Python, this package and those that it uses are installed.

    Returns
    -------
    DataFrame
        One row per package: package, version (missing where it is not installed) and what needs it
        ("always", or "an extra").

    Examples
    --------
    >>> import crmanalytics as crm
    >>> versions = crm.show_versions().set_index("package")["version"]
    >>> versions["crmanalytics"] == crm.__version__
    True
    """
    import pandas as pd

    from crmanalytics import __version__

    own = [("python", platform.python_version(), "always"), ("crmanalytics", __version__, "always")]
    core = [(name, _installed(name), "always") for name in _CORE]
    extra = [(name, _installed(name), "an extra") for name in _EXTRA]
    return pd.DataFrame([*own, *core, *extra], columns=["package", "version", "needed"])


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
