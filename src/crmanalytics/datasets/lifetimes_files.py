"""The public data sets that the lifetimes package ships, as tidy frames.

The files are found without importing that package: importing it takes seconds and changes a pandas
option for the whole process.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from crmanalytics.errors import MissingExtraError

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "load_cdnow",
    "load_cdnow_sample",
    "load_cdnow_summary",
    "load_donations",
    "load_example_transactions",
]


def _path(name: str) -> Path:
    spec = find_spec("lifetimes")
    if spec is None or spec.origin is None:
        raise MissingExtraError("this data set ships with the package lifetimes: install it")
    return Path(spec.origin).parent / "datasets" / name


def _read_log(name: str, columns: list[str], skip: int) -> pd.DataFrame:
    import pandas as pd

    log = pd.read_csv(_path(name), sep=r"\s+", names=columns, skiprows=skip)
    return log.assign(date=pd.to_datetime(log["date"].astype(str), format="%Y%m%d"))


def load_cdnow() -> pd.DataFrame:
    """Return the full CDNOW purchase log: music sold online, January 1997 to June 1998.

    All 23,570 customers made their first purchase in the first quarter of 1997.

    Returns
    -------
    DataFrame
        69,659 rows: ``customer_id``, ``date``, ``quantity`` (CDs), ``amount`` (US dollars).

    References
    ----------
    Fader & Hardie (2001), Forecasting repeat sales at CDNOW: a case study. Interfaces 31(3).

    Examples
    --------
    >>> log = load_cdnow()
    >>> log.shape, log["customer_id"].nunique()
    ((69659, 4), 23570)
    """
    return _read_log("CDNOW_master.txt", ["customer_id", "date", "quantity", "amount"], skip=1)


def load_cdnow_sample() -> pd.DataFrame:
    """Return the 1/10 sample of the CDNOW log that the literature fits its models to.

    Returns
    -------
    DataFrame
        6,919 rows of 2,357 customers: ``customer_id`` (that of the full log), ``date``,
        ``quantity`` (CDs), ``amount`` (US dollars).

    References
    ----------
    Fader, Hardie & Lee (2005), "Counting your customers" the easy way. Marketing Science 24(2).

    Examples
    --------
    >>> log = load_cdnow_sample()
    >>> log.shape, log["customer_id"].nunique()
    ((6919, 4), 2357)
    """
    columns = ["customer_id", "sample_id", "date", "quantity", "amount"]
    return _read_log("CDNOW_sample.txt", columns, skip=0).drop(columns="sample_id")


def load_cdnow_summary() -> pd.DataFrame:
    """Return the published summary of the CDNOW sample: weeks, until 1997-09-30.

    Times are rounded to two decimals, as in the papers' supplements.

    Returns
    -------
    DataFrame
        2,357 rows: ``customer_id`` (1 to 2,357 within the sample), ``frequency``, ``recency``,
        ``T``, ``monetary_value``.

    Examples
    --------
    >>> load_cdnow_summary().head(2)
       customer_id  frequency  recency      T  monetary_value
    0            1          2    30.43  38.86           22.35
    1            2          1     1.71  38.86           11.77
    """
    import pandas as pd

    table = pd.read_csv(_path("cdnow_customers_summary_with_transactions.csv"))
    table.columns = pd.Index(["customer_id", "frequency", "recency", "T", "monetary_value"])
    return table


def load_donations() -> pd.DataFrame:
    """Return the donations of 11,104 first-time supporters of 1995 over the six years after.

    Returns
    -------
    DataFrame
        22 weighted rows: ``frequency`` (years with a donation), ``recency`` (the last such year),
        ``T`` (6 years), ``weight`` (donors of this kind).

    References
    ----------
    Fader, Hardie & Shang (2010), Customer-base analysis in a discrete-time noncontractual setting.
    Marketing Science 29(6), table 2.

    Examples
    --------
    >>> donations = load_donations()
    >>> len(donations), int(donations["weight"].sum())
    (22, 11104)
    """
    import pandas as pd

    table = pd.read_csv(_path("donations.csv"))
    return table.rename(columns={"periods": "T", "weights": "weight"})


def load_example_transactions() -> pd.DataFrame:
    """Return a small log of visits without money, as the lifetimes package shows it.

    Returns
    -------
    DataFrame
        ``customer_id`` and ``date``.

    Examples
    --------
    >>> load_example_transactions().columns.to_list()
    ['customer_id', 'date']
    """
    import pandas as pd

    log = pd.read_csv(_path("example_transactions.csv"))
    log = log.rename(columns={"id": "customer_id"})[["customer_id", "date"]]
    return log.assign(date=pd.to_datetime(log["date"]))
