"""How a result shows itself in a terminal and a notebook: lines of facts, and small tables."""

from __future__ import annotations

from abc import ABC, abstractmethod
from html import escape
from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw

from crmanalytics.frames.engines import is_lazy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

__all__ = ["Shown", "rows_in", "significant"]

_ROWS: Final = 20  # more do not fit beside the call that made them
_COLUMNS: Final = 10
_WIDTH: Final = 100


class Shown(ABC):
    """A result that can be read where it is printed; subclasses say what there is to tell.

    Dataclasses need ``repr=False``, or they write a representation of their own over this one.

    Examples
    --------
    >>> class Rates(Shown):
    ...     def _told(self):
    ...         return ["Retention of 2 cohorts"]
    ...
    ...     def _tables(self):
    ...         import pandas as pd
    ...
    ...         return {"": pd.DataFrame({"cohort": ["new", "old"], "rate": [0.5, 0.81234]})}
    >>> Rates()
    Retention of 2 cohorts
      cohort   rate
    0    new    0.5
    1    old 0.8123
    """

    @abstractmethod
    def _told(self) -> Sequence[str]:
        """Return the lines that come first."""

    def _tables(self) -> Mapping[str, Any]:
        """Return tables by their headings; the heading of the main one is empty."""
        return {}

    def __repr__(self) -> str:
        return "\n".join([*self._told(), *_texts(self._tables())])

    def _repr_html_(self) -> str:
        lines = "<br>".join(escape(line) for line in self._told())
        return "".join([f"<p>{lines}</p>" if lines else "", *_pages(self._tables())])


def significant(value: float) -> str:
    """Write a number to four digits, and large ones in full rather than as powers of ten.

    Examples
    --------
    >>> [significant(x) for x in (0.123456, 12.5, 23570.0, 1.5e-9, float("nan"))]
    ['0.1235', '12.5', '23,570', '1.5e-09', '']
    """
    if value != value:  # noqa: PLR0124 - only NaN differs from itself
        return ""
    return f"{value:,.0f}" if 1e4 <= abs(value) < 1e15 else f"{value:.4g}"


def rows_in(frame: Any) -> str:  # noqa: ANN401 - any frame that narwhals knows
    """Say how many rows a frame has, without counting where they are elsewhere.

    Examples
    --------
    >>> import pandas as pd
    >>> rows_in(pd.DataFrame({"a": range(2000)}))
    '2,000 rows'
    """
    if is_lazy(frame):
        return "rows that are not in memory"
    return f"{len(nw.from_native(frame, eager_only=True)):,} rows"


def _texts(tables: Mapping[str, Any]) -> Iterator[str]:
    for heading, frame in tables.items():
        if heading:
            yield f"{heading}:"
        table, left_out = _head(frame)
        yield table.to_string(
            float_format=significant, na_rep="", line_width=_WIDTH, max_cols=_COLUMNS
        )
        if left_out:
            yield left_out


def _pages(tables: Mapping[str, Any]) -> Iterator[str]:
    for heading, frame in tables.items():
        if heading:
            yield f"<p><b>{escape(heading)}</b></p>"
        table, left_out = _head(frame)
        yield str(table.to_html(float_format=significant, na_rep="", max_cols=_COLUMNS))
        if left_out:
            yield f"<p>{escape(left_out)}</p>"


def _head(frame: Any) -> tuple[pd.DataFrame, str]:  # noqa: ANN401 - any frame that narwhals knows
    """Return the first rows for pandas to write, and a line on how many there are beside them."""
    import pandas as pd

    own = nw.from_native(frame)
    if is_lazy(frame):
        return pd.DataFrame(columns=own.collect_schema().names()), "rows are not in memory"
    rows = len(own)
    top = own.head(_ROWS) if rows > _ROWS + 1 else own
    native = top.to_native()
    if not isinstance(native, pd.DataFrame):
        native = pd.DataFrame(top.to_dict(as_series=False))
    return native, f"... and {rows - len(top):,} more rows" if rows > len(top) else ""
