"""Customers as whole numbers that count from zero in the order of their identifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Encoded = tuple[Ints, Callable[[Ints], pd.Series[Any]]]

__all__ = ["codes_of", "encoded"]

#: Codes may leave gaps, but not so many that arrays by code outgrow the log.
_GAPS = 4


def encoded(ids: pd.Series[Any]) -> Encoded:
    """Return a code per row and the way back from codes to identifiers.

    Parameters
    ----------
    ids : pandas.Series
        Identifiers of any dtype, none of them missing.

    Returns
    -------
    codes : array of int64
        Smaller codes for smaller identifiers; some may be unused.
    decode : callable
        Takes codes, gives identifiers of the dtype that came in.

    Examples
    --------
    >>> codes, decode = encoded(pd.Series(["eve", "ann", "eve"]))
    >>> codes.tolist(), decode(codes).to_list()
    ([1, 0, 1], ['eve', 'ann', 'eve'])
    """
    if isinstance(ids.dtype, pd.CategoricalDtype):
        return _categories(ids)
    if pd.api.types.is_integer_dtype(ids.dtype):
        numbers = np.asarray(ids.to_numpy())
        if len(numbers) and numbers.dtype.kind in "iu":
            low, high = int(numbers.min()), int(numbers.max())
            if high - low < _GAPS * len(numbers) and high < 2**63:
                return _offset(numbers.astype(np.int64, copy=False), low, ids)
    return _hashed(ids)


def _offset(numbers: Ints, low: int, ids: pd.Series[Any]) -> Encoded:
    codes = numbers if low == 0 else numbers - low
    return codes, lambda chosen: pd.Series(chosen + low).astype(ids.dtype)


def _categories(ids: pd.Series[Any]) -> Encoded:
    codes = ids.cat.codes.to_numpy().astype(np.int64)
    every = ids.cat.categories
    ordered = ids.cat.ordered
    return codes, lambda chosen: pd.Series(
        pd.Categorical.from_codes(chosen, categories=every, ordered=ordered)
    )


def _hashed(ids: pd.Series[Any]) -> Encoded:
    codes, labels = pd.factorize(ids, sort=True)
    return codes.astype(np.int64, copy=False), lambda chosen: pd.Series(labels.take(chosen))


def codes_of(values: nw.Series[Any]) -> Ints:
    """Return a code per value, equal for equal values and -1 for missing ones.

    Examples
    --------
    >>> import narwhals.stable.v2 as nw
    >>> codes_of(nw.from_native(pd.Series(["b", None, "a"]), series_only=True)).tolist()
    [1, -1, 0]
    """
    native = values.to_native()
    plain = native if isinstance(native, pd.Series) else pd.Series(values.to_numpy())
    return pd.factorize(plain, sort=True)[0].astype(np.int64, copy=False)
