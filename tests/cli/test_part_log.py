"""A log cleaned on an engine, part by part, gives what the same options give in memory."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crmanalytics.cli import work
from crmanalytics.cli.options import (
    EngineName,
    EngineOptions,
    LogOptions,
    ModelOptions,
    Occasion,
    OutlookOptions,
    Refunds,
    ReportOptions,
)
from crmanalytics.cli.parts import score_in_parts
from crmanalytics.errors import InvalidValuesError, ParameterError

SPARK = pytest.param("spark", marks=[pytest.mark.slow, pytest.mark.spark])
ENGINES = ["polars", "duckdb", SPARK]
OUTLOOK = OutlookOptions(horizon=26.0, discount_rate=0.1, margin=0.3)
MODEL = ModelOptions()


def raw_log() -> pd.DataFrame:
    """Lines of orders with prices, refunds, postage and a test account."""
    random = np.random.default_rng(11)
    who = np.repeat(np.arange(500), 1 + random.poisson(random.gamma(0.8, 15, 500)))
    start, life = random.integers(0, 60, 500), random.exponential(80, 500)
    since = random.integers(0, 300, len(who))
    since[np.flatnonzero(np.diff(who, prepend=-1))] = 0  # everybody buys at the start
    who, since = who[since <= life[who]], since[since <= life[who]]
    day = start[who] + since
    line = pd.DataFrame(
        {
            "Customer": [f"C{n:03d}" for n in who],
            "When": np.datetime64("2023-01-01T09:30", "us") + day.astype("m8[D]"),
            "Invoice": [f"I{n:03d}-{d}" for n, d in zip(who, day, strict=True)],
            "Item": random.choice(["tea", "cup", "post"], len(who), p=[0.6, 0.35, 0.05]),
            "Units": random.integers(1, 5, len(who)),
            "Price": random.integers(100, 2000, len(who)) / 100,
        }
    )
    back = line.sample(frac=0.05, random_state=3)
    back["Units"], back["When"] = -back["Units"], back["When"] + pd.Timedelta("2D")
    test = line.head(4).assign(Customer="test")
    late = line.head(3).assign(When=pd.Timestamp("2024-05-05 12:00"))
    return pd.concat([line, back, test, late], ignore_index=True).sample(frac=1, random_state=4)


@pytest.fixture(scope="module")
def raw(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("raw")
    log = raw_log()
    for part in range(3):
        log.iloc[part::3].to_parquet(folder / f"{part}.parquet", index=False)
    return folder


def options(log: Path, **more) -> LogOptions:
    names = {"customer_id": "Customer", "date": "When", "unit_price": "Price", "quantity": "Units"}
    return LogOptions(log=str(log), **(names | {"until": "2023-12-31"} | more))


def in_memory(source: LogOptions) -> tuple[work.Base, pd.DataFrame]:
    base = work.count(source, "W")
    return base, work.score(base, work.fit_models(base, MODEL), OUTLOOK)


def in_parts(source: LogOptions, out: Path, engine: str):
    large = EngineOptions(engine=EngineName(engine), memory="1GB", parts=3)
    job = score_in_parts(source, out, OUTLOOK, MODEL, large, ReportOptions(currency="$"))
    files = sorted((out / "scores").glob("*.parquet"))
    scored = pd.concat([pd.read_parquet(file) for file in files])
    return job, scored.sort_values("customer_id", ignore_index=True)


def require_alike(job, ours: pd.DataFrame, base: work.Base, theirs: pd.DataFrame) -> None:
    assert list(ours.columns) == list(theirs.columns)
    for name in theirs:
        if pd.api.types.is_float_dtype(theirs[name]):
            expected = pytest.approx(theirs[name].to_numpy(), rel=1e-7, abs=1e-9)
            assert ours[name].to_numpy() == expected, name
        else:
            assert ours[name].astype(str).tolist() == theirs[name].astype(str).tolist(), name
    cleaning = pd.read_csv(job.folder / "cleaning.csv")
    assert cleaning["rule"].tolist() == base.cleaning["rule"].tolist()
    for name in ("rows", "customers"):
        assert cleaning[name].tolist() == base.cleaning[name].tolist()
    assert cleaning["money"].to_numpy() == pytest.approx(base.cleaning["money"].to_numpy())
    segments, profile = pd.read_csv(job.folder / "segments.csv"), work.profile_of(theirs)
    assert segments["segment"].tolist() == profile["segment"].tolist()
    for name in profile.columns.drop("segment"):
        expected = pytest.approx(profile[name].to_numpy(), rel=1e-6, abs=1e-3)
        assert segments[name].to_numpy() == expected, name
    run = job.run
    assert (run["customers"], run["until"]) == (len(theirs), base.until)
    assert run["revenue"] == pytest.approx(theirs["total"].sum(), abs=1e-3)
    assert run["rows"] - run["rows_left_out"] == len(base.transactions)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("refunds", list(Refunds))
def test_cleaning_gives_what_it_gives_in_memory(raw, tmp_path, engine, refunds):
    source = options(
        raw,
        refunds=refunds,
        product_id="Item",
        order_id="Invoice",
        exclude_customer=["test"],
        exclude_product=["post"],
    )
    base, theirs = in_memory(source)
    job, ours = in_parts(source, tmp_path, engine)
    require_alike(job, ours, base, theirs)
    assert (tmp_path / "refunds").exists() == (refunds == "separate")
    if refunds == "separate":
        files = sorted((tmp_path / "refunds").glob("*.parquet"))
        apart = pd.concat([pd.read_parquet(file) for file in files])
        assert len(apart) == len(base.refunds)
        assert apart["amount"].sum() == pytest.approx(base.refunds["amount"].sum())


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_orders_are_counted_and_the_last_day_is_that_of_what_is_kept(raw, tmp_path, engine):
    source = options(
        raw, order_id="Invoice", occasion=Occasion.order, until=None, exclude_customer=["C000"]
    )
    base, theirs = in_memory(source)
    job, ours = in_parts(source, tmp_path, engine)
    require_alike(job, ours, base, theirs)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_rows_without_a_customer_are_refused_or_reported(tmp_path, engine):
    log = raw_log()
    log.loc[log.index[:7], "Customer"] = [None, None, "", " ", None, None, None]
    path = tmp_path / "log.parquet"
    log.to_parquet(path, index=False)
    with pytest.raises(InvalidValuesError, match=r"7 of .* rows cannot be read: 7 with missing cu"):
        in_parts(options(path), tmp_path / "a", engine)
    source = options(path, skip_bad_rows=True)
    job, ours = in_parts(source, tmp_path / "b", engine)
    theirs = in_memory(source)[1]
    assert ours["total"].to_numpy() == pytest.approx(theirs["total"].to_numpy())
    assert job.run["rows_left_out"] >= 7


def test_a_log_of_which_nothing_is_left_says_so(raw, tmp_path):
    with pytest.raises(InvalidValuesError, match="no rows left to count after cleaning"):
        in_parts(options(raw, until="2020-01-01"), tmp_path, "duckdb")


def test_dates_of_the_future_need_until(tmp_path):
    log = raw_log().assign(When=lambda x: x["When"] + pd.Timedelta(days=4000))
    log.to_parquet(tmp_path / "log.parquet", index=False)
    with pytest.raises(InvalidValuesError, match="dated in the future"):
        in_parts(options(tmp_path / "log.parquet", until=None), tmp_path / "out", "duckdb")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"date_format": "%d.%m.%Y"}, "--date-format is for dates that are texts"),
        ({"customer_id": "who"}, "the log has no column 'who'"),
        ({"product_id": "Units"}, "'Units' is named for more than one purpose"),
    ],
)
def test_what_will_not_do_is_refused(raw, tmp_path, more, said):
    with pytest.raises(ParameterError, match=said):
        in_parts(options(raw, **more), tmp_path, "duckdb")
