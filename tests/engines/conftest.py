"""Every engine that the library runs on, for tests that ask the same of all of them."""

from __future__ import annotations

import os
import sys
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

import crmanalytics as crm

_OLDER = "ignore:PySpark does not yet fully support pandas:FutureWarning"  # its word on pandas 3
SPARK = pytest.param(
    "spark", marks=[pytest.mark.slow, pytest.mark.spark, pytest.mark.filterwarnings(_OLDER)]
)
LAZY = ["polars lazy", "duckdb", SPARK]
ALL = ["polars", "pyarrow", *LAZY]


@dataclass
class Engine:
    """How a frame gets into an engine and out again, sorted by customer."""

    name: str
    session: Any = None

    def put(self, frame: pd.DataFrame) -> Any:
        if self.name == "duckdb":
            import duckdb

            self.session = duckdb.connect()  # kept: older releases close it with its last name
            self.session.register("there", frame)
            return self.session.sql("select * from there")
        if self.name == "spark":
            import pyarrow as pa

            frame = frame.assign(
                **{x: frame[x].astype("M8[us]") for x in frame.select_dtypes("datetime")}
            )
            return self.session.createDataFrame(pa.Table.from_pandas(frame, preserve_index=False))
        import polars as pl
        import pyarrow as pa

        if self.name == "pyarrow":
            return pa.Table.from_pandas(frame, preserve_index=False)
        return pl.from_pandas(frame) if self.name == "polars" else pl.from_pandas(frame).lazy()

    def get(self, native: Any, *by: str) -> pd.DataFrame:
        if self.name == "duckdb":
            frame = native.df()
        elif self.name == "spark":
            frame = native.toArrow().to_pandas()
            stamps = frame.select_dtypes("datetimetz")
            frame = frame.assign(**{x: stamps[x].dt.tz_localize(None) for x in stamps})
        elif self.name == "polars lazy":
            frame = native.collect().to_pandas()
        else:
            frame = native.to_pandas()
        return frame.sort_values(list(by or ["customer_id"]), ignore_index=True)

    def has_kind_of(self, native: Any, other: Any) -> bool:
        return type(native) is type(other)


@pytest.fixture(scope="session")
def spark_session():
    """A Spark of two threads on this machine."""
    pytest.importorskip("pyspark")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyspark.sql import SparkSession

        session = (
            SparkSession.builder.master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .getOrCreate()
        )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(params=ALL)
def engine(request):
    return _engine(request)


@pytest.fixture(params=LAZY)
def lazy(request):
    return _engine(request)


def _engine(request):
    if request.param == "spark":
        return Engine("spark", request.getfixturevalue("spark_session"))
    pytest.importorskip(request.param.split()[0])
    return Engine(request.param)


@pytest.fixture(scope="session")
def log():
    """The CDNOW sample with times of day and some refunds."""
    log = crm.datasets.load_cdnow_sample()
    minutes = np.random.default_rng(5).integers(0, 1440, len(log)).astype("m8[m]")
    back = log.sample(200, random_state=1)
    back = back.assign(amount=-back["amount"] / 2, date=back["date"] + pd.Timedelta(days=3))
    whole = pd.concat([log.assign(date=log["date"] + minutes), back], ignore_index=True)
    order = "o" + (whole.index // 2).astype(str)
    return whole.assign(order_id=order, profit=whole["amount"] / 4)


@pytest.fixture(scope="session")
def customers(log):
    return crm.summarize(log, until="1997-09-30", unit="W")


def same(found: pd.DataFrame, expected: pd.DataFrame, tolerance: float = 1e-12) -> None:
    """Assert equal columns, equal whole numbers and labels, and floats but for rounding."""
    assert list(found.columns) == list(expected.columns)
    assert len(found) == len(expected)
    for name in expected.columns:
        ours, theirs = found[name], expected[name].reset_index(drop=True)
        if pd.api.types.is_float_dtype(theirs):
            np.testing.assert_allclose(
                ours.to_numpy(float), theirs.to_numpy(), rtol=tolerance, atol=tolerance
            )
        elif pd.api.types.is_datetime64_dtype(theirs):
            assert (pd.to_datetime(ours).to_numpy() == theirs.to_numpy()).all(), name
        else:
            assert ours.tolist() == theirs.tolist(), name


@pytest.fixture(name="same", scope="session")
def same_fixture():
    return same
