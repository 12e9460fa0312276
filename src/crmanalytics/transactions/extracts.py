"""Several extracts of one log, put together without counting an order twice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import admit_eager, is_pandas
from crmanalytics.transactions.encoding import codes_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from crmanalytics.frames import Contract

__all__ = ["Extract", "admitted", "overlapping"]

Extract = np.ndarray[Any, np.dtype[np.int64]]


def admitted(
    log: Any,  # noqa: ANN401 - a frame, or a list of them
    contract: Contract,
    names: Mapping[str, str],
) -> tuple[nw.DataFrame[Any], Extract | None]:
    """Check a log, or each of several extracts, and return one frame.

    Returns
    -------
    frame : narwhals.DataFrame
        All rows, canonically named, in the order given.
    extract : array of int64 or None
        The number of the extract that each row is from; None for a single log.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.frames import TRANSACTIONS
    >>> date = pd.Timestamp("2024-01-01")
    >>> one = pd.DataFrame({"customer_id": [1, 2], "date": date, "order_id": ["a", "b"]})
    >>> whole, extract = admitted([one, one[1:]], TRANSACTIONS, {})
    >>> len(whole), extract.tolist()
    (3, [0, 0, 1])
    """
    if not isinstance(log, list | tuple):
        return admit_eager(log, contract, names=names), None
    if not log:
        raise ParameterError("transactions must be a frame or a list of at least one, not empty")
    frames = []
    for number, one in enumerate(log):
        named = replace(contract, frame=f"transactions[{number}]")
        frames.append(admit_eager(one, named, names=names, need=[c.ORDER_ID]))
    _require_alike(frames, contract)
    sizes = [len(frame) for frame in frames]
    whole = nw.concat(frames, how="diagonal")
    if is_pandas(whole):
        native = whole.to_native().reset_index(drop=True)
        whole = nw.from_native(native, eager_only=True)
    return whole, np.repeat(np.arange(len(frames)), sizes)


def _require_alike(frames: Sequence[nw.DataFrame[Any]], contract: Contract) -> None:
    """Refuse extracts of different kinds or dtypes: their orders would not be recognised."""
    kinds = {frame.implementation for frame in frames}
    if len(kinds) > 1:
        raise ParameterError("transactions must be frames of one kind, not of several")
    problems = []
    for column in contract.columns:
        found = [frame.schema[column.name] for frame in frames if column.name in frame.columns]
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


def overlapping(own: nw.DataFrame[Any], extract: Extract) -> NDArray[np.bool_]:
    """Tell which rows are of an order that an earlier extract has already.

    Examples
    --------
    >>> import pandas as pd
    >>> log = nw.from_native(pd.DataFrame({"order_id": ["a", "b", "b"]}), eager_only=True)
    >>> overlapping(log, np.array([0, 0, 1])).tolist()
    [False, False, True]
    """
    codes = codes_of(own[c.ORDER_ID])
    first = np.zeros(int(codes.max(initial=-1)) + 1, np.int64)
    known = codes >= 0
    for number in reversed(range(int(extract.max(initial=0)) + 1)):
        first[codes[known & (extract == number)]] = number
    result = np.zeros(len(codes), dtype=bool)
    result[known] = extract[known] > first[codes[known]]
    return result
