"""Frames that are in memory: refused politely where lazy, and handed back with new columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw

from crmanalytics.errors import ParameterError
from crmanalytics.frames.boundary import admit, is_pandas

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from crmanalytics.frames.contract import Contract

__all__ = ["admit_eager", "column_names", "frame_like", "with_new", "with_parameters"]


def admit_eager(
    frame: Any,  # noqa: ANN401 - any frame that narwhals knows
    contract: Contract,
    *,
    names: Mapping[str, str] | None = None,
    need: Iterable[str] = (),
) -> nw.DataFrame[Any]:
    """Check a frame as :func:`~crmanalytics.frames.admit` does, for calls that need it in memory.

    Raises
    ------
    ParameterError
        If the frame is lazy.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.frames import RFM_INPUT
    >>> frame = pd.DataFrame({"days_since_last": [1], "orders": [2], "total": [3.0]})
    >>> len(admit_eager(frame, RFM_INPUT))
    1
    """
    own = admit(frame, contract, names=names, need=need)
    if isinstance(own, nw.LazyFrame):
        raise ParameterError(
            f"{contract.frame} is a lazy frame ({own.implementation.value}), and this call needs "
            "it in memory: collect it first."
        )
    return own


def column_names(frame: object) -> list[str]:
    """Return the column names of any frame, and none of what is not a frame that can be used.

    Examples
    --------
    >>> import pandas as pd
    >>> column_names(pd.DataFrame({"total": [1.0]})), column_names(5)
    (['total'], [])
    """
    try:
        own = nw.from_native(frame, pass_through=True)
    except nw.exceptions.DuplicateError:
        return []
    return own.collect_schema().names() if isinstance(own, nw.DataFrame | nw.LazyFrame) else []


def with_new(own: nw.DataFrame[Any], columns: Mapping[str, NDArray[Any]]) -> Any:  # noqa: ANN401
    """Return the native frame with columns added or replaced; index and attributes are kept.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> own = nw.from_native(pd.DataFrame({"a": [1]}, index=["x"]), eager_only=True)
    >>> with_new(own, {"b": np.array([2])})
       a  b
    x  1  2
    """
    if is_pandas(own):
        return own.to_native().assign(**columns)
    backend = own.implementation  # series of narwhals keep their names, native ones may have none
    made = [nw.new_series(name, each, backend=backend) for name, each in columns.items()]
    return own.with_columns(*made).to_native()


def frame_like(own: nw.DataFrame[Any], columns: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Return a new native frame of the same kind, made of arrays or lists of equal length.

    Examples
    --------
    >>> import polars as pl
    >>> own = nw.from_native(pl.DataFrame({"a": [1]}), eager_only=True)
    >>> frame_like(own, {"b": [2]})["b"].to_list()
    [2]
    """
    if is_pandas(own):
        import pandas as pd

        return pd.DataFrame(dict(columns))
    return nw.from_dict(dict(columns), backend=own.implementation).to_native()


def with_parameters(frame: Any, **parameters: Any) -> Any:  # noqa: ANN401 - a native frame of any kind
    """Keep the arguments that a result was made with beside it: in ``attrs`` of a pandas frame.

    Frames of other kinds have no place for them and are returned as they are. What the frame
    already carries stays; the frame must be the caller's own, not a user's.

    Examples
    --------
    >>> import pandas as pd
    >>> with_parameters(pd.DataFrame({"a": [1]}), cuts=[0.5]).attrs
    {'crmanalytics': {'cuts': [0.5]}}
    """
    attributes = getattr(frame, "attrs", None)
    if isinstance(attributes, dict):
        kept = attributes.get("crmanalytics")
        earlier = kept if isinstance(kept, dict) else {}
        attributes["crmanalytics"] = {**earlier, **parameters}
    return frame
