"""Contracts joined to spells: how long a customer was one without a break, and why it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics import columns as c
from crmanalytics.churn.log import plain_ids
from crmanalytics.frames import as_numpy, column_names
from crmanalytics.frames.contracts import CONTRACTS
from crmanalytics.frames.eager import admit_eager
from crmanalytics.transactions.encoding import encoded

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    import narwhals.stable.v2 as nw
    import pandas as pd
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

__all__ = ["INVOLUNTARY", "UNKNOWN", "VOLUNTARY", "Spells", "spells_of"]

VOLUNTARY: Final = "voluntary"
INVOLUNTARY: Final = "involuntary"
UNKNOWN: Final = "unknown"

_NEVER: Final = 1 << 30  # the end of what still runs, as a day number


@dataclass(frozen=True, eq=False)
class Spells:
    """Stretches of time under contract, one entry per stretch, by customer and start.

    Parameters
    ----------
    own : narwhals.DataFrame
        The admitted contracts, for the kind of frame that results should be.
    codes, starts, ends : array of int64
        Customer, first day and first day after; a day beyond all calendars if it still runs.
    kinds : array of str
        Why it ended: voluntary, involuntary or unknown.
    decode : callable
        From codes to identifiers.
    """

    own: nw.DataFrame[Any]
    codes: Ints
    starts: Ints
    ends: Ints
    kinds: NDArray[np.str_]
    decode: Callable[[Ints], pd.Series[Any]]

    @property
    def ended(self) -> Flags:
        """Which spells have an end."""
        return self.ends < _NEVER


def spells_of(
    contracts: Any,  # noqa: ANN401 - any eager frame
    *,
    grace: int,
    involuntary: Collection[Any],
    names: Mapping[str, object],
) -> Spells:
    """Check contracts and join those of a customer that follow each other within the grace days.

    Examples
    --------
    >>> import pandas as pd
    >>> days = pd.to_datetime(["2024-01-01", "2024-02-03"]), pd.to_datetime(["2024-02-01", None])
    >>> contracts = pd.DataFrame({"customer_id": 1, "start": days[0], "end": days[1]})
    >>> found = spells_of(contracts, grace=7, involuntary=(), names={})
    >>> len(found.codes), found.ended.tolist()
    (1, [False])
    """
    has = column_names(contracts)
    wanted = [c.CUSTOMER_ID, c.START, c.END]
    wanted += [c.REASON] if c.REASON in names or c.REASON in has else []
    contract = CONTRACTS.requiring(wanted)
    own = admit_eager(contracts, contract, names={k: str(names.get(k, k)) for k in wanted})
    own = own.select(wanted)
    codes, decode = encoded(plain_ids(own))
    starts, ends = (_days(own, name) for name in (c.START, c.END))
    kinds = _kinds(own, involuntary)
    order = np.lexsort((ends, starts, codes))
    codes, starts, ends = codes[order], starts[order], ends[order]
    kinds = kinds[order]
    # the latest end so far of the same customer: codes rise, so that one running maximum will do
    latest = np.maximum.accumulate((codes << 32) + ends) - (codes << 32)
    first = np.ones(len(codes), dtype=bool)
    same = codes[1:] == codes[:-1]
    first[1:] = ~same | (starts[1:] > latest[:-1] + grace)
    last = np.append(np.flatnonzero(first)[1:] - 1, len(codes) - 1)
    spell = np.cumsum(first) - 1
    # the reason is that of the contract which ended last
    closing = np.lexsort((kinds, ends, spell))
    closes = closing[np.append(np.flatnonzero(np.diff(spell[closing])), len(codes) - 1)]
    return Spells(own, codes[first], starts[first], latest[last], kinds[closes], decode)


def _days(own: nw.DataFrame[Any], name: str) -> Ints:
    """Return a column of dates as day numbers; missing ones never come."""
    dates = as_numpy(own, name).astype("M8[D]")
    return np.where(np.isnat(dates), _NEVER, dates.astype(np.int64))


def _kinds(own: nw.DataFrame[Any], involuntary: Collection[Any]) -> NDArray[np.str_]:
    if c.REASON not in own.columns:
        return np.full(len(own), UNKNOWN)
    missing = own[c.REASON].is_null().to_numpy()
    forced = own[c.REASON].is_in(list(involuntary)).fill_null(value=False).to_numpy()
    return np.where(missing, UNKNOWN, np.where(forced, INVOLUNTARY, VOLUNTARY))
