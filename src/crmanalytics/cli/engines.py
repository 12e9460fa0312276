"""Engines of the command line: Parquet in, Parquet out, more of it than memory holds."""

from __future__ import annotations

import gc
import shutil
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Final

from crmanalytics import columns as c
from crmanalytics.frames import need_engine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["BUCKET", "Engine", "engine_of"]

BUCKET: Final = "bucket"

_ROWS: Final = 100_000  # of a batch


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
    def cut(self, log: Any, folder: Path, parts: int) -> bool:  # noqa: ANN401 - as above
        """Write the rows of a log to one subfolder per part of the customers.

        False if the engine had better not: then it works on all of a log at once.
        """

    def keep(self, customers: Any, folder: Path, part: int, parts: int) -> None:  # noqa: ANN401, ARG002 - as above; one part here
        """Write the customers of a part of the log to the subfolder of that part."""
        target = folder / f"{BUCKET}={part}"
        target.mkdir(parents=True, exist_ok=True)
        self.write(customers, target / "customers.parquet", [c.CUSTOMER_ID])

    @abstractmethod
    def write(self, frame: Any, path: Path, by: Sequence[str]) -> None:  # noqa: ANN401 - as above
        """Write a frame to one file, its rows sorted."""

    def close(self) -> None:  # noqa: B027 - most have nothing to give back
        """Give back what the engine holds."""


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

    def cut(self, log: Any, folder: Path, parts: int) -> bool:  # noqa: ANN401
        named = log.project(f"*, cast(hash({c.CUSTOMER_ID}) % {parts} as integer) as {BUCKET}")
        named.to_parquet(str(folder), partition_by=[BUCKET])
        return True

    def write(self, frame: Any, path: Path, by: Sequence[str]) -> None:  # noqa: ANN401
        frame.order(", ".join(f'"{name}"' for name in by)).to_parquet(str(path), compression="zstd")


class Polars(Engine):
    """Polars has no limit to keep to: its customers are counted part by part instead."""

    def read(self, files: list[str]) -> Any:  # noqa: ANN401
        import polars as pl

        return pl.scan_parquet(files, hive_partitioning=False)

    def cut(self, log: Any, folder: Path, parts: int) -> bool:  # noqa: ANN401
        import polars as pl

        for part in range(parts):
            target = folder / f"{BUCKET}={part}"
            target.mkdir(parents=True)
            own = log.filter(pl.col(c.CUSTOMER_ID).hash(seed=0) % parts == part)
            own.sink_parquet(target / "log.parquet", compression="snappy")
        return True

    def write(self, frame: Any, path: Path, by: Sequence[str]) -> None:  # noqa: ANN401
        frame.sort(by).sink_parquet(path, compression="zstd")


class Spark(Engine):
    """Spark on this machine, or on the cluster that its own configuration names."""

    def __init__(self, memory: str, spill: Path) -> None:
        super().__init__(memory, spill)
        from pyspark.sql import SparkSession

        self.own = SparkSession.getActiveSession() is None
        size = memory.lower().removesuffix("b")
        builder = SparkSession.builder.appName("crmanalytics").config("spark.driver.memory", size)
        builder = builder.config("spark.sql.session.timeZone", "UTC")
        self.session = builder.config("spark.local.dir", str(spill)).getOrCreate()
        self.session.sparkContext.setLogLevel("ERROR")

    def read(self, files: list[str]) -> Any:  # noqa: ANN401
        return self.session.read.parquet(*files)

    def cut(self, log: Any, folder: Path, parts: int) -> bool:  # noqa: ANN401, ARG002
        return False  # its shuffles cut as they need to, and each of its jobs is dear to begin

    def keep(self, customers: Any, folder: Path, part: int, parts: int) -> None:  # noqa: ANN401, ARG002
        from pyspark.sql import functions

        bucket = functions.pmod(functions.hash(c.CUSTOMER_ID), functions.lit(parts))
        cut = customers.withColumn(BUCKET, bucket).write.mode("overwrite").partitionBy(BUCKET)
        cut.parquet(str(folder))

    def write(self, frame: Any, path: Path, by: Sequence[str]) -> None:  # noqa: ANN401
        # Java keeps the tables of parts before for as long as Python has names of them, and those
        # stand in circles, which are not looked for before memory is full: Java's, not Python's
        gc.collect()
        folder = path.with_suffix(".spark")
        shutil.rmtree(folder, ignore_errors=True)
        whole = frame.coalesce(1).sortWithinPartitions(*by)
        whole.write.option("compression", "zstd").parquet(str(folder))
        _rewritten(next(folder.glob("*.parquet")), path)
        shutil.rmtree(folder)

    def close(self) -> None:
        if self.own:
            self.session.stop()


def _rewritten(made: Path, path: Path) -> None:
    """Write Spark's file anew, a batch at a time.

    Its footer lists encodings in an order that each JVM chooses for itself; nothing else differs.
    """
    import pyarrow.parquet as pq

    with (
        pq.ParquetFile(made, coerce_int96_timestamp_unit="us") as file,  # it reads no finer ones
        pq.ParquetWriter(path, file.schema_arrow, compression="zstd") as writer,
    ):
        for batch in file.iter_batches(_ROWS):
            writer.write_batch(batch)


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
