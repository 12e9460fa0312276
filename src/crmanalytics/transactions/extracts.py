"""Several extracts of one log, put together without counting an order twice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, cast

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import admit, is_pandas, left_joined, with_new
from crmanalytics.transactions.encoding import codes_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from crmanalytics.frames import Contract

    Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]
    Extract = NDArray[np.int64]

__all__ = ["EARLIER", "admitted"]

#: Column that tells the rows of an order that an earlier extract has already.
EARLIER: Final = "crmanalytics_in_an_earlier_extract"
_EXTRACT: Final = "crmanalytics_extract"
_FIRST: Final = "crmanalytics_first_extract"


def admitted(
    log: Any,  # noqa: ANN401 - a frame, or a list of them
    contract: Contract,
    names: Mapping[str, str],
) -> Frame:
    """Check a log, or each of several extracts, and return one frame.

    Returns
    -------
    frame : narwhals.DataFrame or narwhals.LazyFrame
        All rows, canonically named, in the order given; of several extracts, with the column
        ``EARLIER``.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.frames import TRANSACTIONS
    >>> date = pd.Timestamp("2024-01-01")
    >>> one = pd.DataFrame({"customer_id": [1, 2], "date": date, "order_id": ["a", "b"]})
    >>> admitted([one, one[1:]], TRANSACTIONS, {})[EARLIER].to_list()
    [False, False, True]
    """
    if not isinstance(log, list | tuple):
        return admit(log, contract, names=names)
    if not log:
        raise ParameterError("transactions must be a frame or a list of at least one, not empty")
    frames = []
    for number, one in enumerate(log):
        named = replace(contract, frame=f"transactions[{number}]")
        frames.append(admit(one, named, names=names, need=[c.ORDER_ID]))
    _require_alike(frames, contract)
    lazy = [frame for frame in frames if isinstance(frame, nw.LazyFrame)]
    if lazy:
        return _on_engine(lazy)
    return _in_memory([frame for frame in frames if isinstance(frame, nw.DataFrame)])


def _in_memory(frames: list[nw.DataFrame[Any]]) -> nw.DataFrame[Any]:
    whole = nw.concat(frames, how="diagonal")
    if is_pandas(whole):
        native = whole.to_native().reset_index(drop=True)
        whole = nw.from_native(native, eager_only=True)
    extract = np.repeat(np.arange(len(frames)), [len(frame) for frame in frames])
    marked = with_new(whole, {EARLIER: _overlapping(whole, extract)})
    return cast("nw.DataFrame[Any]", nw.from_native(marked, eager_only=True))


def _on_engine(frames: list[nw.LazyFrame[Any]]) -> nw.LazyFrame[Any]:
    """Put lazy extracts together, those that lack a column holding nothing in it."""
    kinds = {name: dtype for frame in frames for name, dtype in frame.collect_schema().items()}
    alike = [
        frame.select(
            *(
                nw.col(name) if name in frame.collect_schema() else nw.lit(None, kind).alias(name)
                for name, kind in kinds.items()
            ),
            nw.lit(number).alias(_EXTRACT),
        )
        for number, frame in enumerate(frames)
    ]
    whole = nw.concat(alike, how="vertical")
    known = whole.filter(~nw.col(c.ORDER_ID).is_null())
    first = known.group_by(c.ORDER_ID).agg(nw.col(_EXTRACT).min().alias(_FIRST))
    later = (nw.col(_EXTRACT) > nw.col(_FIRST)).fill_null(value=False)
    marked = left_joined(whole, first, [c.ORDER_ID]).with_columns(later.alias(EARLIER))
    return marked.drop(_EXTRACT, _FIRST)


def _require_alike(frames: Sequence[Frame], contract: Contract) -> None:
    """Refuse extracts of different kinds or dtypes: their orders would not be recognised."""
    kinds = {frame.implementation for frame in frames}
    if len(kinds) > 1:
        raise ParameterError("transactions must be frames of one kind, not of several")
    problems = []
    schemas = [frame.collect_schema() for frame in frames]
    for column in contract.columns:
        found = [schema[column.name] for schema in schemas if column.name in schema]
        if len(found) not in (0, len(frames)):
            problems.append(f"{column.name!r} must be in all extracts or in none.")
        if len({_family(dtype) for dtype in found}) > 1:
            listed = ", ".join(map(str, found))
            problems.append(
                f"{column.name!r} must be of one dtype in all extracts, not {listed}: "
                "the same order would not be recognised. Convert it first."
            )
    if problems:
        raise InvalidValuesError("transactions: " + "\n".join(problems))


def _family(dtype: Any) -> str:  # noqa: ANN401 - narwhals' own types
    if dtype.is_numeric():
        return "number"
    if isinstance(dtype, nw.Datetime):
        return f"stamp in {dtype.time_zone}"
    return str(type(dtype).__name__)


def _overlapping(own: nw.DataFrame[Any], extract: Extract) -> NDArray[np.bool_]:
    """Tell which rows are of an order that an earlier extract has already."""
    codes = codes_of(own[c.ORDER_ID])
    first = np.zeros(int(codes.max(initial=-1)) + 1, np.int64)
    known = codes >= 0
    for number in reversed(range(int(extract.max(initial=0)) + 1)):
        first[codes[known & (extract == number)]] = number
    result = np.zeros(len(codes), dtype=bool)
    result[known] = extract[known] > first[codes[known]]
    return result
