"""What ``import crmanalytics`` does to a process: next to nothing."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import crmanalytics as crm

HEAVY = {
    "duckdb",
    "lifetimes",
    "matplotlib",
    "narwhals",
    "numpy",
    "pandas",
    "polars",
    "pyarrow",
    "scipy",
    "sklearn",
    "typer",
}


def told_by(code: str) -> object:
    """What a fresh process prints as JSON."""
    run = [sys.executable, "-W", "error", "-c", code]
    return json.loads(subprocess.run(run, check=True, capture_output=True, timeout=60).stdout)


def test_the_import_loads_nothing_heavy():
    loaded = told_by("import crmanalytics, sys, json; print(json.dumps(list(sys.modules)))")
    assert not HEAVY & {name.partition(".")[0] for name in loaded}
    assert {n for n in loaded if n.startswith("crmanalytics")} == {"crmanalytics"}


def test_counting_customers_loads_neither_plots_nor_learners():
    code = (
        "import crmanalytics as crm, sys, json\n"
        "log = crm.datasets.load_cdnow_sample()\n"
        "crm.rfm.segment(crm.rfm.score(crm.summarize(log, until='1998-06-30')))\n"
        "print(json.dumps(list(sys.modules)))"
    )
    loaded = {name.partition(".")[0] for name in told_by(code)}
    assert not loaded & {"matplotlib", "sklearn", "lifetimes", "typer", "duckdb"}


OPTIONS = """
import json, warnings
import matplotlib.figure, numpy, pandas, scipy.special, sklearn  # what they do is theirs
def state():
    found = {name: repr(pandas.get_option(name)) for name in NAMES}
    return (
        found,
        dict(matplotlib.rcParams),
        repr(warnings.filters),
        repr(numpy.geterr()),
        repr(numpy.get_printoptions()),
    )
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pandas._config import config
    NAMES = [name for name in config._registered_options if name not in config._deprecated_options]
before = state()
import crmanalytics
for name in crmanalytics.__all__:
    getattr(crmanalytics, name)
after = state()
print(json.dumps([b == a for b, a in zip(before, after)] + [len(NAMES)]))
"""


def test_no_option_of_the_libraries_and_no_warning_filter_changes():
    *same, options = told_by(OPTIONS)
    assert all(same)
    assert options > 50


def test_no_logging_handler_is_installed():
    code = (
        "import json, logging, crmanalytics as crm; crm.clv; crm.rfm; crm.summarize\n"
        "print(json.dumps(len(logging.getLogger().handlers)))"
    )
    assert told_by(code) == 0


@pytest.mark.parametrize("name", crm.__all__)
def test_every_public_name_is_there(name):
    assert getattr(crm, name) is not None
    assert name in dir(crm)


def test_a_name_that_is_not_there_says_so():
    with pytest.raises(AttributeError, match="'crmanalytics' has no attribute 'nonsense'"):
        crm.nonsense  # noqa: B018 - the look-up itself is what is tested


def test_dir_is_sorted_and_complete():
    assert dir(crm) == sorted(crm.__all__)


def test_there_is_one_version():
    from importlib.metadata import version

    assert version("crmanalytics") == crm.__version__
