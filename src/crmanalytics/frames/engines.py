"""Frames that are not in memory: small tables sent to their engine, and work done batch by batch.

The engine does the work on rows. What travels is small: cells, cuts and profiles come to the
driver, and tables of a value per cell go back, to be joined. Only where a row cannot be looked up
(models with covariates, classifiers) is Python taken to the rows, a batch at a time.
"""

from __future__ import annotations

import tempfile
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw

from crmanalytics.errors import ParameterError
from crmanalytics.frames.eager import frame_like, with_new
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]
    Work = Callable[[Any], Mapping[str, NDArray[Any]]]

__all__ = [
    "collected",
    "is_lazy",
    "left_joined",
    "looked_up",
    "map_batches",
    "need_engine",
    "on_engine",
    "table_like",
]

_ROWS: Final = 250_000  # of a batch, where it is for us to say
_SMALL: Final = 10 * 2**20  # bytes of a table that Spark sends to every worker
_ARROW_SINCE: Final = 4  # the PySpark that takes Arrow tables
_MODULES: Final = {"polars": "polars", "duckdb": "duckdb", "spark": "pyspark"}


def is_lazy(frame: object) -> bool:
    """Say whether a frame is one whose rows are elsewhere: polars lazy, DuckDB, Spark, ...

    Examples
    --------
    >>> import pandas as pd
    >>> is_lazy(pd.DataFrame({"a": [1]}))
    False
    """
    return isinstance(nw.from_native(frame, pass_through=True), nw.LazyFrame)


def need_engine(engine: str) -> None:
    """Say which extra to install where an engine is not there.

    Parameters
    ----------
    engine : {"polars", "duckdb", "spark"}
        The engine, by the name of its extra.

    Raises
    ------
    ParameterError
        If it is unknown, or not installed.

    Examples
    --------
    >>> need_engine("polars")
    >>> need_engine("abacus")
    Traceback (most recent call last):
    crmanalytics.errors.ParameterError: engine must be one of 'polars', 'duckdb', 'spark', not
    'abacus'
    """
    one_of("engine", engine, _MODULES)
    if find_spec(_MODULES[engine]) is None:
        raise ParameterError(
            f"the engine {engine!r} is not installed: pip install 'crmanalytics[{engine}]'"
        )


def collected(own: Frame) -> nw.DataFrame[Any]:
    """Bring a small table to the driver, with Arrow's types where the engine has no frame.

    Examples
    --------
    >>> import polars as pl
    >>> collected(nw.from_native(pl.LazyFrame({"a": [1]})))["a"].to_list()
    [1]
    """
    if isinstance(own, nw.DataFrame):
        return own
    return own.collect() if own.implementation.is_polars() else own.collect("pyarrow")


def table_like(own: Frame, columns: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a native frame
    """Return a small table on the driver: of the same kind where that is in memory.

    For lazy frames it is polars for those of polars, and pandas for all others.

    Examples
    --------
    >>> import polars as pl
    >>> table_like(nw.from_native(pl.LazyFrame()), {"a": [1]})["a"].to_list()
    [1]
    """
    if isinstance(own, nw.DataFrame):
        return frame_like(own, columns)
    polars = own.implementation.is_polars()
    return frame_like(nw.from_dict({}, backend="polars" if polars else "pandas"), columns)


def on_engine(own: nw.LazyFrame[Any], table: nw.DataFrame[Any]) -> nw.LazyFrame[Any]:
    """Send a small table to where a lazy frame is, so that the two can be joined.

    Parameters
    ----------
    own : narwhals.LazyFrame
        Of polars, DuckDB or PySpark.
    table : narwhals.DataFrame
        The table.

    Returns
    -------
    narwhals.LazyFrame
        The table on the same engine, connection or session; Spark is told to broadcast it
        where it is small.

    Raises
    ------
    ParameterError
        If the engine is another one.

    Examples
    --------
    >>> import polars as pl
    >>> own = nw.from_native(pl.LazyFrame({"a": [1]}))
    >>> collected(on_engine(own, nw.from_native(pl.DataFrame({"b": [2]}))))["b"].to_list()
    [2]
    """
    native: Any = own.to_native()
    kind = own.implementation
    if table.implementation.is_pandas():  # whose index Arrow would take for a column
        table = nw.from_native(table.to_native().reset_index(drop=True), eager_only=True)
    if kind.is_polars():
        here: nw.LazyFrame[Any] = nw.from_native(table.to_polars().lazy())
        return here
    if kind.is_duckdb():
        there: nw.LazyFrame[Any] = nw.from_native(_duckdb_table(native, table.to_arrow()))
        return there
    if kind.is_pyspark():
        far: nw.LazyFrame[Any] = nw.from_native(_spark_table(native.sparkSession, table))
        return far
    raise ParameterError(
        f"frames of {kind.value} are not among those that models are joined to: use polars, "
        "DuckDB or PySpark."
    )


def _duckdb_table(relation: Any, rows: Any) -> Any:  # noqa: ANN401, ARG001 - found by its name
    # a relation does not give its connection away, but asks it: and there looks for frames by name
    return relation.query("crmanalytics_rows", "select * from rows")


def _spark_table(session: Any, table: nw.DataFrame[Any]) -> Any:  # noqa: ANN401 - of pyspark
    import pyspark
    from pyspark.sql import functions

    arrow = int(pyspark.__version__.split(".")[0]) >= _ARROW_SINCE
    made = session.createDataFrame(table.to_arrow() if arrow else table.to_pandas())
    # a large one on every worker would take their memory: Spark is to decide, by its own threshold
    return functions.broadcast(made) if table.estimated_size() <= _SMALL else made


def looked_up(
    own: nw.LazyFrame[Any], table: nw.DataFrame[Any], keys: Sequence[str]
) -> nw.LazyFrame[Any]:
    """Join a table of values per key to a lazy frame; its columns replace those of their names.

    Examples
    --------
    >>> import polars as pl
    >>> own = nw.from_native(pl.LazyFrame({"k": [1, 2, 1]}))
    >>> table = nw.from_native(pl.DataFrame({"k": [1, 2], "v": [0.5, 0.7]}))
    >>> collected(looked_up(own, table, ["k"]))["v"].to_list()
    [0.5, 0.7, 0.5]
    """
    names = own.collect_schema().names()
    old = [name for name in table.columns if name in names and name not in keys]
    kept = own.drop(old) if old else own
    return left_joined(kept, on_engine(own, table), keys)


def left_joined(
    own: nw.LazyFrame[Any], other: nw.LazyFrame[Any], keys: Sequence[str]
) -> nw.LazyFrame[Any]:
    """Join two lazy frames of one engine; where rows have an order, they keep that of the first.

    Examples
    --------
    >>> import polars as pl
    >>> own = nw.from_native(pl.LazyFrame({"k": [2, 1]}))
    >>> other = nw.from_native(pl.LazyFrame({"k": [1, 2], "v": [0.5, 0.7]}))
    >>> collected(left_joined(own, other, ["k"]))["v"].to_list()
    [0.7, 0.5]
    """
    if own.implementation.is_polars():  # whose rows have an order, which a join need not keep
        native: Any = own.to_native()
        found = native.join(other.to_native(), on=list(keys), how="left", maintain_order="left")
        ordered: nw.LazyFrame[Any] = nw.from_native(found)
        return ordered
    return own.join(other, on=list(keys), how="left")


def map_batches(
    frame: Any,  # noqa: ANN401 - any frame that narwhals knows
    function: Work,
    columns: Mapping[str, type],
) -> Any:  # noqa: ANN401 - the kind that came in
    """Add columns that Python works out of whole batches of rows, each row by itself.

    A frame in memory is one batch; polars' lazy frames stay lazy and are worked on as a whole when
    they are collected (in parts by the streaming engine); Spark hands Arrow batches to its workers
    (``mapInArrow``), which need the package installed; a DuckDB relation is read in batches, the
    result of which is spooled to a temporary Parquet file that lasts as long as the process.

    Parameters
    ----------
    frame : DataFrame
        Of any kind.
    function : callable
        Takes a pandas DataFrame, gives an array per new column. It must not look across rows: how
        they are cut into batches is the engine's business. For Spark it must be one that can be
        pickled.
    columns : mapping of str to type
        Name and type (``float``, ``int``, ``str`` or ``bool``) of each new column.

    Returns
    -------
    DataFrame
        The same kind with the new columns.

    Examples
    --------
    >>> import polars as pl
    >>> log = pl.LazyFrame({"a": [1.0, 2.0]})
    >>> twice = map_batches(log, lambda rows: {"b": 2 * rows["a"].to_numpy()}, {"b": float})
    >>> twice.collect()["b"].to_list()
    [2.0, 4.0]
    """
    own = nw.from_native(frame)
    if isinstance(own, nw.DataFrame):
        return with_new(own, dict(function(own.to_pandas())))
    old = [name for name in columns if name in own.collect_schema().names()]
    native: Any = (own.drop(old) if old else own).to_native()
    if own.implementation.is_polars():
        return _in_polars(native, function, columns)
    if own.implementation.is_pyspark():
        return _in_spark(native, function, columns)
    if own.implementation.is_duckdb():
        return _in_duckdb(native, function, columns)
    raise ParameterError(
        f"frames of {own.implementation.value} are not among those that Python is taken to: use "
        "polars, DuckDB or PySpark."
    )


def _in_polars(native: Any, function: Work, columns: Mapping[str, type]) -> Any:  # noqa: ANN401
    import polars as pl

    kinds: dict[type, Any] = {
        float: pl.Float64,
        int: pl.Int64,
        str: pl.String,
        bool: pl.Boolean,
    }

    def work(batch: pl.DataFrame) -> pl.DataFrame:
        made: Mapping[str, Any] = function(batch.to_pandas()) if len(batch) else _nothing(columns)
        return batch.with_columns(
            pl.Series(name, made[name], dtype=kinds[kind]) for name, kind in columns.items()
        )

    schema = dict(native.collect_schema()) | {n: kinds[kind] for n, kind in columns.items()}
    return native.map_batches(work, schema=schema, streamable=True)


def _nothing(columns: Mapping[str, type]) -> dict[str, list[Any]]:
    return {name: [] for name in columns}


def _worked(batch: Any, function: Work, columns: Mapping[str, type]) -> Any:  # noqa: ANN401 - of pyarrow
    """Return an Arrow batch with the new columns."""
    import pyarrow as pa

    kinds = {float: pa.float64(), int: pa.int64(), str: pa.string(), bool: pa.bool_()}
    made: Mapping[str, Any] = function(batch.to_pandas()) if batch.num_rows else _nothing(columns)
    names = [*batch.schema.names, *columns]
    arrays = [pa.array(made[name], type=kinds[kind]) for name, kind in columns.items()]
    return pa.RecordBatch.from_arrays([*batch.columns, *arrays], names=names)


def _in_spark(native: Any, function: Work, columns: Mapping[str, type]) -> Any:  # noqa: ANN401
    from pyspark.sql import types as t

    kinds: dict[type, Any] = {
        float: t.DoubleType(),
        int: t.LongType(),
        str: t.StringType(),
        bool: t.BooleanType(),
    }
    fields = [t.StructField(name, kinds[kind]) for name, kind in columns.items()]
    schema = t.StructType([*native.schema.fields, *fields])

    def work(batches: Iterator[Any]) -> Iterator[Any]:
        for batch in batches:
            yield _worked(batch, function, columns)

    return native.mapInArrow(work, schema)


@lru_cache(maxsize=1)
def _spool() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="crmanalytics-")


def _in_duckdb(native: Any, function: Work, columns: Mapping[str, type]) -> Any:  # noqa: ANN401
    import pyarrow as pa
    import pyarrow.parquet as pq

    newer = getattr(native, "to_arrow_reader", None)  # the older name warns where this one is known
    reader = newer(_ROWS) if newer is not None else native.fetch_record_batch(_ROWS)
    empty = pa.RecordBatch.from_pylist([], schema=reader.schema)
    handle, name = tempfile.mkstemp(suffix=".parquet", dir=_spool().name)
    first = _worked(empty, function, columns)
    with open(handle, "wb") as file, pq.ParquetWriter(file, first.schema) as writer:  # noqa: PTH123 - a descriptor
        for batch in reader:
            writer.write_batch(_worked(batch, function, columns))
    path = str(Path(name)).replace("'", "''")
    return native.query("crmanalytics_rows", f"select * from read_parquet('{path}')")  # noqa: S608 - our own file
