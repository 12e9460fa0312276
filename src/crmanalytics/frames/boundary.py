"""The door: a caller's frame comes in, is renamed and checked once, and results go out again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics.columns import DESCRIPTIONS
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.wording import nearest, no_column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from crmanalytics.frames.contract import Contract, Rule

    Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]
    Schema = Mapping[str, nw.dtypes.DType]
    Measures = Callable[[Schema], Mapping[str, nw.Expr]]

__all__ = ["admit", "admit_measured", "as_float", "as_numpy", "column_like", "is_pandas"]

_SHOWN = 3


def admit(
    frame: Any,  # noqa: ANN401 - any frame that narwhals knows
    contract: Contract,
    *,
    names: Mapping[str, str] | None = None,
    need: Iterable[str] = (),
) -> Frame:
    """Check a caller's frame against its contract and return it under canonical names.

    Parameters
    ----------
    frame : DataFrame
        The caller's frame, of any kind that narwhals knows. It is never changed.
    contract : Contract
        What it must hold.
    names : mapping of str to str, optional
        Canonical name to the caller's name, where they differ.
    need : iterable of str, optional
        Optional columns of the contract that this call cannot do without.

    Returns
    -------
    narwhals.DataFrame or narwhals.LazyFrame
        The same frame, renamed. Columns outside the contract are kept.

    Raises
    ------
    ParameterError
        If `frame` is not a data frame.
    MissingColumnsError
        If a column is not there; the message suggests the nearest name.
    InvalidValuesError
        If values break a rule; all problems are listed at once.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.frames import CUSTOMERS
    >>> mine = pd.DataFrame({"x": [2, 0], "t_x": [7.0, 0.0], "T": [9.0, 9.0]})
    >>> own = admit(mine, CUSTOMERS, names={"frequency": "x", "recency": "t_x"})
    >>> own.columns
    ['frequency', 'recency', 'T']
    """
    return admit_measured(frame, contract, names=names, need=need)[0]


def admit_measured(
    frame: Any,  # noqa: ANN401 - any frame that narwhals knows
    contract: Contract,
    *,
    names: Mapping[str, str] | None = None,
    need: Iterable[str] = (),
    measures: Measures | None = None,
) -> tuple[Frame, dict[str, Any]]:
    """Check a caller's frame, and measure it in the same pass where a pass is dear.

    Parameters
    ----------
    frame, contract, names, need
        As of :func:`admit`.
    measures : callable, optional
        Takes the schema of the renamed frame, gives aggregating expressions by name.

    Returns
    -------
    narwhals.DataFrame or narwhals.LazyFrame
        The same frame, renamed.
    dict
        For a lazy frame its number of ``rows`` and the measures. Empty for a frame in memory,
        which can be asked again at little cost.

    Raises
    ------
    ParameterError, MissingColumnsError, InvalidValuesError
        As of :func:`admit`.

    Examples
    --------
    >>> import polars as pl
    >>> from crmanalytics.frames import CUSTOMERS
    >>> mine = pl.LazyFrame({"frequency": [2, 0], "recency": [7.0, 0.0], "T": [9.0, 9.0]})
    >>> longest = lambda schema: {"longest": nw.col("T").max()}
    >>> admit_measured(mine, CUSTOMERS, measures=longest)[1]
    {'rows': 2, 'longest': 9.0}
    """
    own = _as_narwhals(frame, contract)
    schema = dict(own.collect_schema())
    _require(contract, schema, names or {}, set(need))
    names = {k: v for k, v in (names or {}).items() if k != v}
    own = _renamed(own, schema, names)
    return own, _check_values(own, contract, names, measures)


def _renamed(own: Frame, schema: Mapping[str, Any], names: Mapping[str, str]) -> Frame:
    """Rename all columns at once, so that names may trade places."""
    theirs = list(names.values())
    twice = sorted({name for name in theirs if theirs.count(name) > 1})
    if twice:
        both = " and ".join(canonical for canonical, name in names.items() if name == twice[0])
        raise ParameterError(f"the column {twice[0]!r} cannot be {both} at once")
    # a column of the caller's that has a canonical name makes way for the one that was named
    shadowed = [canonical for canonical in names if canonical in schema and canonical not in theirs]
    return own.drop(shadowed).rename({name: canonical for canonical, name in names.items()})


def _as_narwhals(frame: object, contract: Contract) -> Frame:
    try:
        own: Frame = nw.from_native(frame)
    except nw.exceptions.DuplicateError as error:
        labels = list(frame.columns)  # type: ignore[attr-defined]
        twice = sorted({str(label) for label in labels if labels.count(label) > 1})
        raise InvalidValuesError(
            f"{contract.frame} has columns of the same name: {', '.join(twice)}. "
            "Rename or drop one of each."
        ) from error
    except TypeError as error:
        raise ParameterError(
            f"{contract.frame} must be a data frame (pandas, polars, pyarrow, ...), "
            f"not {type(frame).__name__}"
        ) from error
    return own


def _require(
    contract: Contract, schema: Mapping[str, Any], names: Mapping[str, str], need: set[str]
) -> None:
    problems = []
    for column in contract.columns:
        theirs = names.get(column.name, column.name)
        wanted = column.required or column.name in need or theirs != column.name
        if wanted and theirs not in schema:
            lacking = no_column(contract.frame, theirs, schema)
            problems.append(lacking + _mend(column.name, theirs, schema, names))
    if problems:
        raise MissingColumnsError("\n".join(problems))


def _mend(name: str, theirs: str, schema: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Say how to give a column, where the caller may not know that its name can be told."""
    found = nearest(theirs, schema)
    if name != theirs:  # the caller has just named it
        return ""
    if name in names:
        return f" Pass {name}={found!r}." if found else f" Pass {name}='...' to name it."
    return f" Rename it to {name!r}." if found and name in DESCRIPTIONS else ""


def _check_values(
    own: Frame, contract: Contract, names: Mapping[str, str], measures: Measures | None
) -> dict[str, Any]:
    schema = dict(own.collect_schema())
    problems = [
        f"{contract.frame}[{names.get(c.name, c.name)!r}] must hold {c.kind.value}, "
        f"not {schema[c.name]}." + _dtype_remedy(c.kind.name, schema[c.name])
        for c in contract.columns
        if c.name in schema and not c.kind.accepts(schema[c.name])
    ]
    measured: dict[str, Any] = {}
    if problems or not _is_sound(own, contract, schema):
        asked = measures(schema) if measures is not None and not problems else {}
        broken, measured = _broken_rules(own, contract, names, asked)
        problems += broken
    problems += _repeated(own, contract, names)
    if problems:
        raise InvalidValuesError("\n".join(problems))
    return measured if isinstance(own, nw.LazyFrame) else {}


def _is_sound(own: Frame, contract: Contract, schema: Mapping[str, Any]) -> bool:
    """Whether every row is valid, by one cheap pass; a lazy frame is counted at once instead."""
    sound = contract.soundness(schema)
    if isinstance(own, nw.LazyFrame) or not sound:
        return not sound
    every = [e.fill_null(value=False).all().alias(f"s{i}") for i, e in enumerate(sound)]
    return all(own.select(*every).row(0))


def _broken_rules(
    own: Frame, contract: Contract, names: Mapping[str, str], measures: Mapping[str, nw.Expr]
) -> tuple[list[str], dict[str, Any]]:
    """Count the rows that break each rule, and measure the frame on the way."""
    rules = contract.rules_for(dict(own.collect_schema()))
    asked = [r.broken.cast(nw.Int64).sum().alias(f"r{i}") for i, r in enumerate(rules)]
    asked += [measure.alias(name) for name, measure in measures.items()]
    found = _collected(own.select(nw.len().cast(nw.Int64).alias("rows"), *asked))
    rows = int(found["rows"][0])
    broken = [int(found[f"r{i}"][0] or 0) for i in range(len(rules))]
    said = [
        _sentence(own, contract, rule, times, rows, names)
        for rule, times in zip(rules, broken, strict=True)
        if times
    ]
    return said, {"rows": rows} | {name: found[name][0] for name in measures}


def _dtype_remedy(kind: str, dtype: object) -> str:
    if kind == "DATE" and dtype in (nw.String, nw.Object):
        return " Convert it first, for example with pandas.to_datetime."
    return ""


def _sentence(
    own: Frame, contract: Contract, rule: Rule, broken: int, rows: int, names: Mapping[str, str]
) -> str:
    column = names.get(rule.columns[0], rule.columns[0])
    first = ", ".join(map(str, _first_rows(own, contract, rule)))
    share = f"{broken:,} of {rows:,} rows {'does' if broken == 1 else 'do'} not hold to it"
    text = f"{contract.frame}[{column!r}] {rule.states}: {share} (first: [{first}])."
    remedy = rule.remedy[:1].upper() + rule.remedy[1:]
    return f"{text} {remedy}{'' if remedy.endswith('?') else '.'}" if remedy else text


def _first_rows(own: Frame, contract: Contract, rule: Rule) -> list[Any]:
    by = contract.names_row_by
    if by is not None and by in own.collect_schema().names() and by not in rule.columns:
        return _collected(own.filter(rule.broken).select(by).head(_SHOWN))[by].to_list()
    if isinstance(own, nw.DataFrame):
        numbered = own.with_row_index("row number").filter(rule.broken).head(_SHOWN)
        positions = numbered["row number"].to_list()
        if is_pandas(own):
            return [own.to_native().index[p] for p in positions]
        return positions
    shown = _collected(own.filter(rule.broken).select(rule.columns).head(_SHOWN))
    return [dict(zip(rule.columns, row, strict=True)) for row in shown.rows()]


def _repeated(own: Frame, contract: Contract, names: Mapping[str, str]) -> list[str]:
    present = own.collect_schema().names()
    problems = []
    for key in contract.unique:
        if key not in present:
            continue
        sizes = own.group_by(key).agg(nw.len().alias("times")).filter(nw.col("times") > 1)
        twice = _collected(sizes.sort(key))
        if len(twice):
            first = ", ".join(map(str, twice[key].head(_SHOWN).to_list()))
            problems.append(
                f"{contract.frame}[{names.get(key, key)!r}] must not repeat: {len(twice):,} values "
                f"do (first: [{first}]). Keep one row of each."
            )
    return problems


def _collected(frame: Frame) -> nw.DataFrame[Any]:
    return frame.collect() if isinstance(frame, nw.LazyFrame) else frame


def is_pandas(own: Frame) -> bool:
    """Whether the frame's native form is a pandas DataFrame.

    Examples
    --------
    >>> import pandas as pd
    >>> is_pandas(nw.from_native(pd.DataFrame({"T": [9.0]})))
    True
    """
    return bool(own.implementation.is_pandas())


def as_numpy(own: nw.DataFrame[Any], name: str) -> NDArray[Any]:
    """Return a column as it stands, as a numpy array that must not be written to.

    Examples
    --------
    >>> import pandas as pd
    >>> as_numpy(nw.from_native(pd.DataFrame({"T": [9, 8]})), "T").tolist()
    [9, 8]
    """
    return np.asarray(own[name].to_numpy())


def as_float(own: nw.DataFrame[Any], name: str) -> NDArray[np.float64]:
    """Return a column as float64, as a numpy array that must not be written to.

    Examples
    --------
    >>> import pandas as pd
    >>> as_float(nw.from_native(pd.DataFrame({"T": [9, 8]})), "T").tolist()
    [9.0, 8.0]
    """
    return np.asarray(own[name].cast(nw.Float64).to_numpy(), dtype=np.float64)


def column_like(own: nw.DataFrame[Any], name: str, values: NDArray[Any]) -> Any:  # noqa: ANN401
    """Return values as a native Series of the frame's kind, on the frame's index.

    Examples
    --------
    >>> import pandas as pd
    >>> own = nw.from_native(pd.DataFrame({"T": [9, 8]}, index=["a", "b"]))
    >>> column_like(own, "p_alive", np.array([0.5, 0.75])).to_dict()
    {'a': 0.5, 'b': 0.75}
    """
    if is_pandas(own):
        import pandas as pd

        return pd.Series(values, index=own.to_native().index, name=name)
    return nw.new_series(name, values, backend=own.implementation).to_native()
