"""Engines of the command line: Parquet in, Parquet out, more of it than memory holds."""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Final

from crmanalytics import columns as c
from crmanalytics.frames import need_engine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["BUCKET", "Engine", "engine_of"]

BUCKET: Final = "bucket"


class Engine(ABC):
    """What scoring in parts needs of an engine.

    Parameters
    ----------
    memory : str
        What the engine may use, such as ``1GB``.
    spill : Path
        A folder for what it must put aside.
    """

    def __init__(self, memory: str, spill: Path) -> None:
        self.memory, self.spill = memory, spill

    @abstractmethod
    def read(self, files: list[str]) -> Any:  # noqa: ANN401 - a lazy frame of the engine
        """Return Parquet files as a lazy frame."""

    @abstractmethod
    def stage(self, log: Any, count: Callable[[Any], Any], folder: Path, parts: int) -> None:  # noqa: ANN401 - as above
        """Count the customers of a log and write them to one subfolder per part."""

    @abstractmethod
    def write(self, frame: Any, path: Path) -> None:  # noqa: ANN401 - as above
        """Write a frame to one file, its rows sorted by customer."""


class DuckDB(Engine):
    """DuckDB keeps to its memory limit, and puts aside what exceeds it."""

    def __init__(self, memory: str, spill: Path) -> None:
        super().__init__(memory, spill)
        import duckdb

        self.connection = duckdb.connect(
            config={
                "memory_limit": memory,
                "temp_directory": str(spill),
                "preserve_insertion_order": False,
            }
        )

    def read(self, files: list[str]) -> Any:  # noqa: ANN401
        return self.connection.read_parquet(files, hive_partitioning=False)

    def stage(self, log: Any, count: Callable[[Any], Any], folder: Path, parts: int) -> None:  # noqa: ANN401
        customers = count(log).project(
            f"*, cast(hash({c.CUSTOMER_ID}) % {parts} as integer) as {BUCKET}"
        )
        customers.to_parquet(str(folder), partition_by=[BUCKET], compression="zstd")

    def write(self, frame: Any, path: Path) -> None:  # noqa: ANN401
        frame.order(c.CUSTOMER_ID).to_parquet(str(path), compression="zstd")


class Polars(Engine):
    """Polars has no limit to keep to: its customers are counted part by part instead."""

    def read(self, files: list[str]) -> Any:  # noqa: ANN401
        import polars as pl

        return pl.scan_parquet(files, hive_partitioning=False)

    def stage(self, log: Any, count: Callable[[Any], Any], folder: Path, parts: int) -> None:  # noqa: ANN401
        import polars as pl

        for part in range(parts):
            own = log.filter(pl.col(c.CUSTOMER_ID).hash(seed=0) % parts == part)
            if own.select(c.CUSTOMER_ID).head(1).collect().height:
                target = folder / f"{BUCKET}={part}"
                target.mkdir(parents=True)
                count(own).sink_parquet(target / "customers.parquet")

    def write(self, frame: Any, path: Path) -> None:  # noqa: ANN401
        frame.sort(c.CUSTOMER_ID).sink_parquet(path, compression="zstd")


class Spark(Engine):
    """Spark on this machine, or on the cluster that its own configuration names."""

    def __init__(self, memory: str, spill: Path) -> None:
        super().__init__(memory, spill)
        from pyspark.sql import SparkSession

        size = memory.lower().removesuffix("b")
        builder = SparkSession.builder.appName("crmanalytics").config("spark.driver.memory", size)
        builder = builder.config("spark.sql.session.timeZone", "UTC")
        self.session = builder.config("spark.local.dir", str(spill)).getOrCreate()
        self.session.sparkContext.setLogLevel("ERROR")

    def read(self, files: list[str]) -> Any:  # noqa: ANN401
        return self.session.read.parquet(*files)

    def stage(self, log: Any, count: Callable[[Any], Any], folder: Path, parts: int) -> None:  # noqa: ANN401
        from pyspark.sql import functions

        bucket = functions.pmod(functions.hash(c.CUSTOMER_ID), functions.lit(parts))
        count(log).withColumn(BUCKET, bucket).write.partitionBy(BUCKET).parquet(str(folder))

    def write(self, frame: Any, path: Path) -> None:  # noqa: ANN401
        folder = path.with_suffix(".spark")
        shutil.rmtree(folder, ignore_errors=True)
        whole = frame.coalesce(1).sortWithinPartitions(c.CUSTOMER_ID)
        whole.write.option("compression", "zstd").parquet(str(folder))
        next(folder.glob("*.parquet")).replace(path)
        shutil.rmtree(folder)


_ENGINES: Final[dict[str, type[Engine]]] = {"polars": Polars, "duckdb": DuckDB, "spark": Spark}


def engine_of(name: str, memory: str, spill: Path) -> Engine:
    """Return an engine, or say which extra it needs.

    Raises
    ------
    ParameterError
        If the engine is not installed.
    """
    need_engine(name)
    return _ENGINES[name](memory, spill)
