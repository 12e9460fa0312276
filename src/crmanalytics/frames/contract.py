"""What a contract is made of: columns, and rules that relate them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Column", "Contract", "Kind", "Rule"]


class Kind(Enum):
    """What the values of a column are."""

    IDENTIFIER = "identifiers (numbers, strings or categories)"
    NUMBER = "numbers"
    COUNT = "whole numbers"
    DATE = "dates"
    FLAG = "true or false, or 1 and 0"
    LABEL = "labels"

    def accepts(self, dtype: nw.dtypes.DType) -> bool:
        """Whether a column of this dtype can hold the kind at all.

        Examples
        --------
        >>> Kind.COUNT.accepts(nw.Float64()), Kind.DATE.accepts(nw.String())
        (True, False)
        """
        if self in (Kind.NUMBER, Kind.COUNT):
            return bool(dtype.is_numeric())
        if self is Kind.DATE:
            return isinstance(dtype, nw.Datetime | nw.Date)
        if self is Kind.FLAG:
            return bool(dtype.is_numeric() or isinstance(dtype, nw.Boolean))
        return True


@dataclass(frozen=True)
class Rule:
    """A statement that holds for every row of a valid frame.

    Parameters
    ----------
    states : str
        The rule, in words that follow a column's name: ``"must not be negative"``.
    broken : narwhals.Expr
        True for the rows that break it.
    columns : tuple of str
        The columns it speaks of, the first one being named in the message.
    remedy : str
        What the user can do about it.
    """

    states: str
    broken: nw.Expr
    columns: tuple[str, ...]
    remedy: str = ""


@dataclass(frozen=True)
class Column:
    """A column of a contract.

    Parameters
    ----------
    name : str
        Canonical name.
    kind : Kind
        What its values are.
    required : bool
        Whether the frame is invalid without it.
    low, high : float
        Closed bounds of the values.
    strictly_positive : bool
        Whether zero is excluded as well.
    null_remedy : str
        What to do about missing values.
    nullable : bool
        Whether values may be missing.
    """

    name: str
    kind: Kind
    required: bool = True
    low: float = -math.inf
    high: float = math.inf
    strictly_positive: bool = False
    null_remedy: str = "fill or remove them first"
    nullable: bool = False

    def sound(self, dtype: nw.dtypes.DType) -> nw.Expr:
        """Return what is true of a valid value, in as few steps as can be.

        It says no more than the rules together; it is asked first because it is cheap.

        Examples
        --------
        >>> import pandas as pd
        >>> age = Column("T", Kind.NUMBER, low=0)
        >>> own = nw.from_native(pd.DataFrame({"T": [9.0, -1.0, float("nan")]}))
        >>> own.select(age.sound(nw.Float64()))["T"].to_list()
        [True, False, False]
        """
        column = nw.col(self.name)
        valid = ~column.is_null()
        if self.kind is Kind.FLAG and dtype.is_numeric():
            return (column == 0) | (column == 1)
        if self.kind not in (Kind.NUMBER, Kind.COUNT):
            return valid
        if dtype.is_float():
            valid = (column > -math.inf) & (column < math.inf)
        if self.strictly_positive:
            valid = valid & (column > 0)
        elif math.isfinite(self.low):
            valid = valid & (column >= self.low)
        if math.isfinite(self.high):
            valid = valid & (column <= self.high)
        if self.kind is Kind.COUNT and dtype.is_float():
            valid = valid & (column.floor() == column)
        return valid

    def rules(self, dtype: nw.dtypes.DType) -> Iterator[Rule]:
        """Yield what must hold of each value, given the column's dtype.

        Examples
        --------
        >>> [rule.states for rule in Column("frequency", Kind.COUNT, low=0).rules(nw.Int64())]
        ['must not be missing', 'must not be negative']
        """
        column = nw.col(self.name)
        this = (self.name,)
        missing = column.is_null()
        if dtype.is_float():
            missing = missing | column.is_nan()
        if not self.nullable:
            yield Rule("must not be missing", missing, this, self.null_remedy)
        if self.kind is Kind.FLAG and dtype.is_numeric():
            yield Rule("must be 0 or 1", ~missing & (column != 0) & (column != 1), this)
        if self.kind in (Kind.NUMBER, Kind.COUNT):
            yield from self._number_rules(dtype, missing)

    def _number_rules(self, dtype: nw.dtypes.DType, missing: nw.Expr) -> Iterator[Rule]:
        column = nw.col(self.name)
        this = (self.name,)
        if dtype.is_float():
            infinite = ~column.is_finite() & ~missing
            yield Rule("must be finite", infinite, this, "remove the infinite values")
        if self.strictly_positive:
            yield Rule("must be positive", column <= 0, this)
        elif self.low == 0:
            yield Rule("must not be negative", column < 0, this)
        elif math.isfinite(self.low):
            yield Rule(f"must be at least {self.low:g}", column < self.low, this)
        if math.isfinite(self.high):
            yield Rule(f"must be at most {self.high:g}", column > self.high, this)
        if self.kind is Kind.COUNT and dtype.is_float():
            fractional = (column % 1 != 0) & column.is_finite()
            yield Rule("must be a whole number", fractional, this)


@dataclass(frozen=True)
class Contract:
    """What a frame must hold.

    Parameters
    ----------
    frame : str
        What the frame is called in messages.
    columns : tuple of Column
        Its columns; others are let through untouched.
    rules : tuple of Rule
        What relates the columns; a rule is checked where all of its columns are present.
    names_row_by : str or None
        The column by which a message names a row, where present; its position otherwise.
    """

    frame: str
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...] = ()
    names_row_by: str | None = None
    unique: tuple[str, ...] = field(default=())

    def requiring(self, names: Iterable[str]) -> Contract:
        """Return the same contract with just these of its columns, all of them required.

        Examples
        --------
        >>> customers = Contract("customers", (Column("T", Kind.NUMBER, required=False),))
        >>> customers.requiring(["T"]).columns[0].required
        True
        """
        wanted = set(names)
        columns = tuple(replace(c, required=True) for c in self.columns if c.name in wanted)
        return replace(self, columns=columns)

    def soundness(self, schema: Mapping[str, nw.dtypes.DType]) -> list[nw.Expr]:
        """Return one expression per column and rule that is true in every row of a valid frame.

        Examples
        --------
        >>> customers = Contract("customers", (Column("T", Kind.NUMBER, low=0),))
        >>> len(customers.soundness({"T": nw.Float64()}))
        1
        """
        fitting = self._fitting(schema)
        names = {c.name for c in fitting}
        sound = [column.sound(schema[column.name]) for column in fitting]
        return sound + [~r.broken for r in self.rules if names.issuperset(r.columns)]

    def _fitting(self, schema: Mapping[str, nw.dtypes.DType]) -> list[Column]:
        present = (c for c in self.columns if c.name in schema)
        return [c for c in present if c.kind.accepts(schema[c.name])]

    def rules_for(self, schema: Mapping[str, nw.dtypes.DType]) -> list[Rule]:
        """Return every rule that applies to a frame of this schema.

        Examples
        --------
        >>> customers = Contract("customers", (Column("T", Kind.NUMBER, low=0),))
        >>> [rule.states for rule in customers.rules_for({"T": nw.Float64()})]
        ['must not be missing', 'must be finite', 'must not be negative']
        """
        fitting = self._fitting(schema)
        names = {c.name for c in fitting}
        found = [rule for column in fitting for rule in column.rules(schema[column.name])]
        found += [rule for rule in self.rules if names.issuperset(rule.columns)]
        return found
