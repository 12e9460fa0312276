"""Who left, where a contract says so: labels and durations of contractual customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict, Unpack

import numpy as np

from crmanalytics import columns as c
from crmanalytics.churn.labels import stamped
from crmanalytics.churn.log import make_ids
from crmanalytics.churn.spells import INVOLUNTARY, UNKNOWN, VOLUNTARY, spells_of
from crmanalytics.churn.windows import check_covered, whole_days, windows_at
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import frame_like, with_parameters
from crmanalytics.transactions.units import as_day, as_text
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from crmanalytics.churn.spells import Spells
    from crmanalytics.churn.windows import Span
    from crmanalytics.transactions.units import Day

__all__ = ["ContractNames", "contract_durations", "label_contracts"]

Counted = Literal["any", "voluntary", "involuntary"]
_COUNTED: Final = ("any", VOLUNTARY, INVOLUNTARY)


class ContractNames(TypedDict, total=False):
    """The caller's names of the columns, where they differ from the canonical ones."""

    customer_id: str
    start: str
    end: str
    reason: str


def label_contracts(
    contracts: Any,  # noqa: ANN401 - any eager frame
    *,
    at: Day,
    horizon: Span,
    until: Day,
    gap: Span = 0,
    grace: Span = 0,
    count: Counted = "any",
    involuntary: Collection[Any] = (),
    **names: Unpack[ContractNames],
) -> Any:  # noqa: ANN401 - the kind that came in
    """Say which customers under contract on a day ended it in the time that followed.

    Judged is who is under contract on the day before the snapshot, on the snapshot and until the
    outcome window [at + gap, at + gap + horizon) begins: who leaves within the gap cannot be kept
    any more. A contract that follows the last one within the days of grace goes on with it.

    Parameters
    ----------
    contracts : DataFrame
        One row per contract: ``customer_id``, ``start`` (its first day), ``end`` (the first day
        without it; missing while it runs) and, if known, ``reason``.
    at : date
        The snapshot: the start of this day.
    horizon, gap : int, str or timedelta
        Lengths of the outcome window and the gap, as for :func:`label`.
    until : date
        Last day that the data cover. An end is only certain when the days of grace have passed
        as well.
    grace : int, str or timedelta
        How long after the end a new contract still is a renewal, in days.
    count : {"any", "voluntary", "involuntary"}
        Which ends are churn. Who left for the other reason within the outcome window is left out:
        it is not known what the customer would have done.
    involuntary : collection
        Reasons that the customer did not choose, such as death or unpaid bills. All others that
        are given are voluntary; missing ones are unknown, and count as churn in either case.
    **names : str
        The frame's names of ``customer_id``, ``start``, ``end``, ``reason``.

    Returns
    -------
    DataFrame
        One row per customer, sorted by ``customer_id``: ``snapshot``, ``outcome_start``,
        ``outcome_end``, ``churned`` (1 or 0) and ``churn_type`` (voluntary, involuntary or
        unknown; missing for who stayed). For pandas ``attrs["crmanalytics"]`` says how many
        ``left_in_gap`` and how many were ``left_out`` for the other reason.

    Raises
    ------
    ParameterError
        If the data do not cover the outcome window and the grace, or an argument is not among
        its choices.
    DataError
        If the contracts break their rules, or nobody is under contract.

    Examples
    --------
    >>> import pandas as pd
    >>> contracts = pd.DataFrame(
    ...     {
    ...         "customer_id": [1, 2, 3],
    ...         "start": pd.to_datetime(["2023-01-01", "2023-05-01", "2023-06-01"]),
    ...         "end": pd.to_datetime(["2024-02-15", None, "2024-03-01"]),
    ...         "reason": ["price", None, "unpaid"],
    ...     }
    ... )
    >>> found = label_contracts(
    ...     contracts, at="2024-02-01", horizon="3M", until="2024-06-30", involuntary=["unpaid"]
    ... )
    >>> found["churned"].to_list(), found["churn_type"].dropna().to_list()
    ([1, 0, 1], ['voluntary', 'involuntary'])
    """
    one_of("count", count, _COUNTED)
    windows = windows_at(at, horizon=horizon, gap=gap)
    days = whole_days(grace, "grace")
    check_covered(windows, as_day(until, "until") - days)
    spells = spells_of(contracts, grace=days, involuntary=involuntary, names=names)
    under = (spells.starts < windows.at) & (spells.ends > windows.at)
    here = under & (spells.ends >= windows.outcome_start)
    left = here & (spells.ends < windows.outcome_end)
    other = {"any": (), VOLUNTARY: (INVOLUNTARY,), INVOLUNTARY: (VOLUNTARY,)}[count]
    lost = left & np.isin(spells.kinds, other)
    kept = here & ~lost
    if not kept.any():
        raise InvalidValuesError(
            f"no customer of contracts was under contract on {as_text(windows.at)}: take another "
            "snapshot"
        )
    churned = left[kept]
    made = {
        c.CUSTOMER_ID: make_ids(spells.own, spells.decode(spells.codes[kept])),
        **stamped(windows, int(kept.sum())),
        c.CHURNED: churned.astype(np.int64),
        c.CHURN_TYPE: _typed(spells.kinds[kept], churned),
    }
    return with_parameters(
        frame_like(spells.own, made),
        **windows.described(),
        count=count,
        grace=days,
        until=as_text(as_day(until, "until")),
        left_in_gap=int((under & ~here).sum()),
        left_out=int(lost.sum()),
    )


def contract_durations(
    contracts: Any,  # noqa: ANN401 - any eager frame
    *,
    until: Day,
    grace: Span = 0,
    count: Counted = "any",
    involuntary: Collection[Any] = (),
    **names: Unpack[ContractNames],
) -> Any:  # noqa: ANN401 - the kind that came in
    """Say how long each spell under contract lasted, and whether it was seen to end.

    What survival curves and hazards are estimated from. A spell that runs at the end of the data
    is censored there; so is one that ended for a reason that is not counted, and one that ended
    so late that a renewal within the days of grace could still come.

    Parameters
    ----------
    contracts, until, grace, count, involuntary
        As for :func:`label_contracts`.
    **names : str
        The frame's names of ``customer_id``, ``start``, ``end``, ``reason``.

    Returns
    -------
    DataFrame
        One row per spell, sorted by ``customer_id`` and ``start``: ``duration`` in days,
        ``churned`` (1 if the end was seen and counts), ``churn_type`` (missing where censored).

    Raises
    ------
    ParameterError
        If an argument is not among its choices, or a spell begins after `until`.
    DataError
        If the contracts break their rules.

    Examples
    --------
    >>> import pandas as pd
    >>> start, end = (pd.to_datetime(x) for x in (["2024-01-01"] * 2, ["2024-01-31", None]))
    >>> contracts = pd.DataFrame({"customer_id": [1, 2], "start": start, "end": end})
    >>> found = contract_durations(contracts, until="2024-03-31")
    >>> found["duration"].to_list(), found["churned"].to_list()
    ([30, 91], [1, 0])
    """
    one_of("count", count, _COUNTED)
    days = whole_days(grace, "grace")
    close = as_day(until, "until") + 1
    spells = spells_of(contracts, grace=days, involuntary=involuntary, names=names)
    late = spells.starts >= close
    if late.any():
        raise ParameterError(
            f"until ({as_text(close - 1)}) must not be before contracts['{c.START}']: "
            f"{late.sum():,} spells begin later. Leave them out, or give the last day covered."
        )
    end, seen = _closed(spells, close, days)
    churned = seen & np.isin(spells.kinds, [count, UNKNOWN] if count != "any" else _ALL)
    starts = spells.starts.astype("M8[D]").astype("M8[us]")
    made = {
        c.CUSTOMER_ID: make_ids(spells.own, spells.decode(spells.codes)),
        c.START: starts,
        c.DURATION: end - spells.starts,
        c.CHURNED: churned.astype(np.int64),
        c.CHURN_TYPE: _typed(spells.kinds, churned),
    }
    return with_parameters(
        frame_like(spells.own, made), until=as_text(close - 1), count=count, grace=days
    )


_ALL: Final = (VOLUNTARY, INVOLUNTARY, UNKNOWN)


def _closed(spells: Spells, close: int, grace: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return until when each spell was followed, and whether its end is certain."""
    seen = spells.ended & (spells.ends + grace < close)
    return np.where(seen, spells.ends, np.minimum(spells.ends, close)), seen


def _typed(kinds: NDArray[np.str_], churned: NDArray[np.bool_]) -> list[str | None]:
    return [str(kind) if left else None for kind, left in zip(kinds, churned, strict=True)]
