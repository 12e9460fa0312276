"""Labels as whole numbers: in the order given, of a categorical column, or sorted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from crmanalytics.errors import InvalidValuesError, ParameterError

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    import narwhals.stable.v2 as nw
    import numpy as np
    from numpy.typing import NDArray

    Codes = NDArray[np.intp]

__all__ = ["coded", "known_labels", "label_codes", "plain_series", "sorted_labels"]

_SHOWN = 3


def plain_series(own: nw.DataFrame[Any], name: str) -> pd.Series[Any]:
    """Return a column as a pandas Series; a categorical one remains so.

    Examples
    --------
    >>> import narwhals.stable.v2 as nw
    >>> frame = nw.from_dict({"a": [1, 2]}, backend="polars")
    >>> plain_series(frame, "a").tolist()
    [1, 2]
    """
    native = own[name].to_native()
    if isinstance(native, pd.Series):
        return native
    return pd.Series(own[name].to_list())


def sorted_labels(labels: set[Any]) -> list[Any]:
    """Return labels in their own order, those of different types apart.

    Examples
    --------
    >>> sorted_labels({"b", 2, "a", 1})
    [1, 2, 'a', 'b']
    """
    return sorted(labels, key=lambda each: (str(type(each)), each))


def known_labels(
    columns: Sequence[pd.Series[Any]], given: Sequence[Hashable] | None, frame: str, name: str
) -> tuple[list[Any], bool]:
    """Return the labels of one or more columns, and whether their order was said by the user.

    Examples
    --------
    >>> known_labels([pd.Series(["b", "a"])], None, "tiered", "tier")
    (['a', 'b'], False)
    """
    if given is not None:
        listed = list(given)
        if len(set(listed)) != len(listed) or not listed:
            raise ParameterError(f"the order of {name!r} must name each label once, not {given!r}")
        seen: set[Any] = set().union(*(set(pd.unique(each)) for each in columns))
        strange = sorted_labels(seen - set(listed))
        if strange:
            shown = ", ".join(map(repr, strange[:_SHOWN]))
            raise InvalidValuesError(
                f"{frame}[{name!r}] holds {len(strange)} labels that the order given does not "
                f"name (first: {shown}). Add them to it."
            )
        return listed, True
    kinds = [each.dtype for each in columns]
    first = kinds[0]
    if isinstance(first, pd.CategoricalDtype) and all(kind == first for kind in kinds):
        return list(first.categories), True
    return sorted_labels(set().union(*(set(pd.unique(each)) for each in columns))), False


def label_codes(
    own: nw.DataFrame[Any], name: str, given: Sequence[Hashable] | None, frame: str
) -> tuple[Codes, list[Any], bool]:
    """Return a code per row, the labels they stand for, and whether the order was said.

    Examples
    --------
    >>> import narwhals.stable.v2 as nw
    >>> frame = nw.from_native(pd.DataFrame({"tier": ["b", "a", "b"]}), eager_only=True)
    >>> codes, labels, _ = label_codes(frame, "tier", None, "tiered")
    >>> codes.tolist(), labels
    ([1, 0, 1], ['a', 'b'])
    """
    column = plain_series(own, name)
    labels, said = known_labels([column], given, frame, name)
    return coded(column, labels), labels, said


def coded(column: pd.Series[Any], labels: Sequence[Hashable]) -> Codes:
    """Return the place of each value among the labels.

    Examples
    --------
    >>> coded(pd.Series(["b", "a"]), ["a", "b"]).tolist()
    [1, 0]
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        known = pd.Index(list(labels), tupleize_cols=False)
        where = known.get_indexer(pd.Index(column.cat.categories, tupleize_cols=False))
        return where[column.cat.codes.to_numpy()]
    raw, found = pd.factorize(column)
    known = pd.Index(list(labels), tupleize_cols=False)
    return known.get_indexer(pd.Index(found, tupleize_cols=False))[raw]
