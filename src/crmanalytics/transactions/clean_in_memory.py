"""Cleaning a log that is in memory: flags of rows, rule after rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.frames import as_float, frame_like
from crmanalytics.transactions.encoding import codes_of
from crmanalytics.transactions.exact import Money
from crmanalytics.transactions.rules import Step, flags, refund_steps

if TYPE_CHECKING:
    from collections.abc import Sequence

    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    from crmanalytics.transactions.rules import Refunds, RowRule

    Flags = NDArray[np.bool_]
    Own = nw.DataFrame[Any]

__all__ = ["cleaned"]


def cleaned(own: Own, rules: Sequence[RowRule], refunds: Refunds) -> tuple[Own, Any, Own | None]:
    """Return the rows kept, the record of those removed, and the refunds set apart, if any.

    Parameters
    ----------
    own : narwhals.DataFrame
        An admitted log.
    rules : sequence of RowRule
        The rules, in the order in which they apply; the last one takes the refunds out, where
        they are not to stay.
    refunds : {"net", "drop", "separate", "match"}
        What becomes of refunds.

    Returns
    -------
    rows, record, refunds
        As the fields of ``Cleaned``; rows and refunds of narwhals.

    Examples
    --------
    >>> import narwhals.stable.v2 as nw
    >>> import pandas as pd
    >>> from crmanalytics.transactions.rules import RowRule
    >>> own = nw.from_native(pd.DataFrame({"customer_id": [1, 2], "amount": [5.0, 7.0]}))
    >>> rows, record, _ = cleaned(own, [RowRule("dear", nw.col("amount") > 6)], "drop")
    >>> rows["customer_id"].to_list(), record["money"].to_list()
    ([1], [7.0])
    """
    left = np.ones(len(own), dtype=bool)
    steps = [_take(left, Step(rule.rule, flags(own, rule.removes))) for rule in rules]
    if refunds in ("net", "match"):
        steps += [_take(left, step) for step in refund_steps(own, left.copy(), refunds)]
    apart = own[np.flatnonzero(steps[-1].removed)] if refunds == "separate" else None
    return own[np.flatnonzero(left)], _record(own, steps), apart


def _take(left: Flags, step: Step) -> Step:
    """Remove a step's rows from those left, and return the step with what it did remove."""
    removed = step.removed & left
    left &= ~removed
    return Step(step.rule, removed)


def _record(own: Own, steps: list[Step]) -> Any:  # noqa: ANN401 - the kind that came in
    columns: dict[str, list[Any]] = {
        "rule": [step.rule for step in steps],
        "rows": [int(step.removed.sum()) for step in steps],
    }
    if c.AMOUNT in own.columns:
        money = Money.of(np.nan_to_num(as_float(own, c.AMOUNT)))
        columns["money"] = [_sum(money.rows(step.removed)) for step in steps]
    codes = codes_of(own[c.CUSTOMER_ID])
    known = [codes[step.removed & (codes >= 0)] for step in steps]
    columns["customers"] = [len(np.unique(who)) for who in known]
    return frame_like(own, columns)


def _sum(money: Money) -> float:
    rows = len(money.parts[0])
    return float(money.value(money.sums(np.zeros(rows, np.int64), 1))[0])
