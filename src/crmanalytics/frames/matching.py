"""Rows of one frame found in another by an identifier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.errors import InvalidValuesError

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["places_of"]


def places_of(
    wanted: nw.Series[Any], among: nw.Series[Any], frames: tuple[str, str]
) -> NDArray[np.intp]:
    """Return at which row of another frame each identifier is found, -1 for nowhere.

    Parameters
    ----------
    wanted, among : narwhals.Series
        Identifiers; those of `among` must not repeat.
    frames : tuple of str
        What the two frames are called, for the message.

    Returns
    -------
    ndarray
        One place per identifier of `wanted`.

    Raises
    ------
    InvalidValuesError
        If identifiers of `among` repeat; or none is found, which is no accident.

    Examples
    --------
    >>> import narwhals.stable.v2 as nw
    >>> own = nw.from_dict({"id": [3, 7], "other": [7, 9]}, backend="pandas")
    >>> places_of(own["id"], own["other"], ("survey", "customers")).tolist()
    [-1, 0]
    """
    known = _index(among)
    if not known.is_unique:
        twice = list(dict.fromkeys(known[known.duplicated()].tolist()))
        raise InvalidValuesError(
            f"{frames[1]}[{among.name!r}] must not repeat: {len(twice):,} values do (first: "
            f"{twice[:3]}). Keep one row of each."
        )
    found = known.get_indexer(_index(wanted))
    if len(found) and (found < 0).all():
        name, first = wanted.name, wanted.head(1).to_list()[0]
        raise InvalidValuesError(
            f"no {name!r} of {frames[0]} is among those of {frames[1]}: {wanted.dtype} such as "
            f"{first!r}, and {among.dtype}. Are they the same identifiers, of one type?"
        )
    return np.asarray(found)


def _index(ids: nw.Series[Any]) -> pd.Index[Any]:
    import pandas as pd

    native = ids.to_native()
    if isinstance(native, pd.Series):
        return pd.Index(native)
    return pd.Index(ids.to_numpy() if ids.dtype.is_numeric() else ids.to_list())
