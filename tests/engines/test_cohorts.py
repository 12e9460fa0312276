"""Cohort tables: the engine counts cells, the small table equals that of pandas."""

import numpy as np
import pandas as pd
import pytest

import crmanalytics as crm
from crmanalytics.errors import InvalidValuesError, MissingColumnsError

ASKED = [(period, "customers") for period in "WMQY"]
ASKED += [("M", value) for value in ("orders", "revenue", "margin")]
ASKED += [("W", "revenue"), ("Q", "orders")]


def table(native):
    """Return a small result as pandas; what polars has stays polars until here."""
    return native if isinstance(native, pd.DataFrame) else native.to_pandas()


@pytest.fixture(scope="module")
def year(log):
    """Stamps with times of day, refunds before and after purchases, and orders of several days."""
    early = log.head(40).assign(
        amount=-1.5, profit=-0.5, date=log["date"].min() - pd.Timedelta(days=9)
    )
    return pd.concat([early, log], ignore_index=True)


@pytest.mark.parametrize(("period", "value"), ASKED)
def test_retention(lazy, year, same, period, value):
    settings = {"period": period, "value": value, "until": "1997-11-12"}
    found = crm.cohorts.retention(lazy.put(year), **settings)
    expected = crm.cohorts.retention(year, **settings)
    assert isinstance(found, pd.DataFrame) == (lazy.name != "polars lazy")
    same(table(found), expected)
    if isinstance(found, pd.DataFrame):
        assert found.attrs == expected.attrs


def test_orders_without_numbers_and_logs_without_amounts(lazy, year, same):
    plain = year.loc[year["amount"] > 0, ["customer_id", "date"]]
    for value in ("orders", "customers"):
        found = crm.cohorts.retention(lazy.put(plain), value=value)
        same(table(found), crm.cohorts.retention(plain, value=value))


def test_names_of_the_caller(lazy, year, same):
    names = {"customer_id": "who", "date": "day", "amount": "spent"}
    mine = year.rename(columns=names)
    found = crm.cohorts.retention(lazy.put(mine), value="revenue", **names)
    same(table(found), crm.cohorts.retention(year, value="revenue"))


def test_money_that_is_not_decimal(lazy, year, same):
    thirds = year.assign(amount=year["amount"] / 3)
    found = crm.cohorts.retention(lazy.put(thirds), value="revenue", period="Q")
    expected = crm.cohorts.retention(thirds, value="revenue", period="Q")
    same(table(found), expected, tolerance=1e-11)


@pytest.mark.parametrize("period", ["W", "M"])
def test_activity(lazy, year, same, period):
    found = crm.cohorts.activity(lazy.put(year), period=period, until="1998-02-11")
    same(table(found), crm.cohorts.activity(year, period=period, until="1998-02-11"))


@pytest.mark.parametrize(("lapse", "period"), [(1, "M"), (3, "M"), (5, "W"), (2, "Q")])
def test_survival(lazy, year, same, lapse, period):
    settings = {"lapse": lapse, "period": period, "until": "1998-06-20"}
    found = crm.cohorts.survival(lazy.put(year), **settings)
    same(table(found), crm.cohorts.survival(year, **settings))


def test_tables_made_of_the_cells(lazy, year, same):
    found = crm.cohorts.retention(lazy.put(year), value="revenue")
    expected = crm.cohorts.retention(year, value="revenue")
    same(
        table(crm.cohorts.average_retention(found)),
        crm.cohorts.average_retention(expected),
    )
    wide = table(crm.cohorts.triangle(found, "revenue")).select_dtypes("float")
    laid_out = crm.cohorts.triangle(expected, "revenue").to_numpy()
    np.testing.assert_allclose(wide.to_numpy(), laid_out, rtol=1e-12)


def _said(call, error):
    with pytest.raises(error) as caught:
        call()
    return str(caught.value).split(" (first:")[0]  # what names a row differs from kind to kind


BAD = {
    "missing dates": (lambda year: year.assign(date=year["date"].where(year.index > 2)), {}),
    "no rows": (lambda year: year.head(0), {}),
    "no purchase by then": (lambda year: year, {"until": "1996-01-01"}),
    "infinite amounts": (lambda year: year.assign(amount=np.inf), {}),
}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("made", [crm.cohorts.retention, crm.cohorts.survival])
def test_bad_values_are_named_alike(lazy, year, made, kind):
    spoil, settings = BAD[kind]
    spoilt = spoil(year)
    said = _said(lambda: made(lazy.put(spoilt), **settings), InvalidValuesError)
    assert said == _said(lambda: made(spoilt, **settings), InvalidValuesError)


def test_missing_columns_are_named_alike(lazy, year):
    log = lazy.put(year)
    for settings in ({"date": "day"}, {"profit": "gain", "value": "margin"}):
        said = _said(lambda s=settings: crm.cohorts.retention(log, **s), MissingColumnsError)
        assert said == _said(
            lambda s=settings: crm.cohorts.retention(year, **s), MissingColumnsError
        )


def test_no_period_that_had_ended(lazy, year):
    settings = {"period": "Y", "until": "1997-06-30"}
    said = _said(lambda: crm.cohorts.survival(lazy.put(year), **settings), InvalidValuesError)
    assert said == _said(lambda: crm.cohorts.survival(year, **settings), InvalidValuesError)
