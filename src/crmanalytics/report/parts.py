"""What a page is made of: sections, which hold figures, charts, tables and notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from crmanalytics.report.wording import money, number, percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

__all__ = ["Cell", "Chart", "Column", "Figure", "Section", "Table", "table_of"]

Kind = Literal[
    "text", "count", "short", "decimal", "fine", "money", "amount", "percent", "whole", "date"
]


_ROOM: Final = 72  # characters that fit into half of the page
_BOLD: Final = 1.15  # width of a heading's character
_GAP: Final = 2.5  # characters between columns


@dataclass(frozen=True)
class Figure:
    """A headline number with its label and what it means."""

    value: str
    label: str
    note: str = ""


@dataclass(frozen=True)
class Chart:
    """A drawing: its title, the SVG text, and what to read in it."""

    title: str
    svg: str
    note: str = ""
    wide: bool = False


@dataclass(frozen=True)
class Cell:
    """A value of a table, as it is sorted and as it is read."""

    key: str
    text: str


@dataclass(frozen=True)
class Column:
    """A column of a table: where it comes from, its heading, and what it means."""

    name: str
    heading: str
    kind: Kind
    meaning: str = ""

    @property
    def numeric(self) -> bool:
        """Whether values are aligned and sorted as numbers."""
        return self.kind not in ("text", "date")

    def cell(self, value: object, currency: str) -> Cell:
        """Write a value."""
        if not self.numeric:
            text = str(value)[:10] if self.kind == "date" else str(value)
            return Cell(text, text)
        size = float(value)  # type: ignore[arg-type] # the kind says that it is a number
        texts = {
            "count": lambda: number(size),
            "short": lambda: number(size, 0 if size == int(size) else 1),
            "fine": lambda: f"{size:.4g}",
            "whole": lambda: percent(size),
            "decimal": lambda: number(size, 2),
            "money": lambda: money(size, currency, decimals=0),
            "amount": lambda: money(size, currency, decimals=2),
            "percent": lambda: percent(size, 1),
        }
        return Cell(repr(size), texts[self.kind]())


@dataclass(frozen=True)
class Table:
    """A table that can be sorted."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""

    @property
    def wide(self) -> bool:
        """Whether half of the page is too narrow for it."""
        widest = [
            max(
                [
                    _BOLD * max(map(len, column.heading.split())),
                    *(len(r[at].text) for r in self.rows),
                ]
            )
            for at, column in enumerate(self.columns)
        ]
        return sum(widest) + _GAP * len(widest) > _ROOM


@dataclass(frozen=True)
class Section:
    """A question, its answer in a sentence or two, and what shows it."""

    id: str
    title: str
    lead: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()
    terms: tuple[tuple[str, str], ...] = ()


def table_of(
    title: str, frame: pd.DataFrame, columns: Iterable[Column], currency: str = "", note: str = ""
) -> Table:
    """Lay out a frame as a table, with the columns that it has.

    Examples
    --------
    >>> import pandas as pd
    >>> columns = [Column("share", "Share", "percent"), Column("absent", "Absent", "text")]
    >>> table_of("Shares", pd.DataFrame({"share": [0.25]}), columns).rows
    ((Cell(key='0.25', text='25.0%'),),)
    """
    shown: Sequence[Column] = tuple(column for column in columns if column.name in frame.columns)
    values = [frame[column.name].tolist() for column in shown]
    rows = tuple(
        tuple(column.cell(value, currency) for column, value in zip(shown, row, strict=True))
        for row in zip(*values, strict=True)
    )
    return Table(title, tuple(shown), rows, note)
