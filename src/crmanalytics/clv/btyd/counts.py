"""How probable each number of purchases is, of customers with a history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.clv.btyd.hooks import answered_by_kind, check_horizon
from crmanalytics.clv.btyd.simulation import SimulatedModel
from crmanalytics.clv.grouping import group_rows
from crmanalytics.clv.special import log1pexp
from crmanalytics.errors import ParameterError
from crmanalytics.frames import column_like

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from crmanalytics.clv.cells import Cells

    Floats = NDArray[np.float64]

__all__ = ["CountedModel", "check_counts"]


def check_counts(count: ArrayLike) -> Floats:
    """Return numbers of purchases as an array, or say why they are none.

    Examples
    --------
    >>> check_counts([0, 3]).tolist()
    [0.0, 3.0]
    """
    values = np.asarray(count, dtype=float)
    if not ((values >= 0).all() and (values % 1 == 0).all()):
        raise ParameterError(f"count must hold whole numbers of at least 0, not {count!r}")
    return values


@dataclass(frozen=True)
class CountedModel(SimulatedModel):
    """What is known of the number of purchases that a customer will make."""

    def purchase_count_probability_of(
        self,
        customers: Any,  # noqa: ANN401 - any frame in, its Series out
        count: ArrayLike,
        horizon: float,
    ) -> Any:  # noqa: ANN401
        """Return the probability that each customer makes just so many purchases in the horizon.

        Parameters
        ----------
        customers : DataFrame or Cells
            frequency, recency, T.
        count : int or array_like of shape (rows,)
            Number of purchases: one for all, or one per row.
        horizon : float
            How far to look ahead, in the frame's unit.

        Returns
        -------
        Series
            Probabilities, on the frame's index.

        Raises
        ------
        ParameterError
            If the counts are no whole numbers or not one per row, or the model has no formula.

        References
        ----------
        Fader, Hardie & Lee (2005), Marketing Science 24(2), equation 8, for a customer whose rate
        and dropout probability are distributed as the history has left them. Fader & Hardie (2014),
        Deriving the conditional PMF of the Pareto/NBD model, note 028.

        Examples
        --------
        >>> import pandas as pd
        >>> from crmanalytics.clv import BGNBD
        >>> model = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> one = pd.DataFrame({"frequency": [2], "recency": [30.43], "T": [38.86]})
        >>> three = pd.concat([one] * 3, ignore_index=True)
        >>> model.purchase_count_probability_of(three, [0, 1, 2], horizon=39).round(4).to_list()
        [0.4454, 0.2393, 0.1442]
        """
        cells, values, codes = self._log_counts(customers, count, horizon)
        return _handed_back(cells, np.exp(values), codes, "probability")

    def purchase_count_log_probability_of(
        self,
        customers: Any,  # noqa: ANN401
        count: ArrayLike,
        horizon: float,
    ) -> Any:  # noqa: ANN401
        """Return the logarithm of :meth:`purchase_count_probability_of`, however improbable.

        It is the log-score of a forecast: the closer to 0, the better the model foresaw the count.

        Parameters
        ----------
        customers : DataFrame or Cells
            frequency, recency, T.
        count : int or array_like of shape (rows,)
            Number of purchases: one for all, or one per row.
        horizon : float
            How far to look ahead, in the frame's unit.

        Returns
        -------
        Series
            Log-probabilities, on the frame's index.

        Examples
        --------
        >>> import pandas as pd
        >>> from crmanalytics.clv import BGNBD
        >>> model = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> one = pd.DataFrame({"frequency": [2], "recency": [30.43], "T": [38.86]})
        >>> model.purchase_count_log_probability_of(one, 2000, 39).round(1).to_list()
        [-1490.3]
        """
        cells, values, codes = self._log_counts(customers, count, horizon)
        return _handed_back(cells, values, codes, "log_probability")

    def _log_counts(
        self,
        customers: Any,  # noqa: ANN401
        count: ArrayLike,
        horizon: float,
    ) -> tuple[Cells, Floats, NDArray[np.intp]]:
        """Return the cells, log-probabilities of distinct cases, and the case of each row."""
        cells, n = self._count(customers), check_counts(count)
        end = float(check_horizon(horizon))
        if n.ndim and cells.source is not None:
            raise ParameterError("count must be one number for customers who are not in memory")
        rows = cells.groups.codes
        if n.shape not in ((), rows.shape):
            raise ParameterError(f"count must be one number, or one per row: {len(rows):,} of them")
        if n.ndim:
            cases = group_rows(rows.astype(float), n)
            cell, n, codes = cases.columns[0].astype(np.intp), cases.columns[1], cases.codes
        else:
            cell, n, codes = np.arange(len(cells)), np.full(len(cells), n), rows
        return cells, self._log_count(cells.take(cell), n, end), codes

    @answered_by_kind
    def _log_count(self, cells: Cells, n: Floats, horizon: float) -> Floats:
        """Return the log-probability of one count per cell."""
        x, t_x, T = cells.frequency, cells.recency, cells.T
        log_odds = self._log_odds_dead(x, t_x, T)
        log_alive, log_dead = -log1pexp(log_odds), -log1pexp(-log_odds)
        alive = log_alive + self._log_count_if_alive(x, t_x, T, n, horizon)
        return np.where(n > 0, alive, np.logaddexp(log_dead, alive))


def _handed_back(cells: Cells, values: Floats, codes: NDArray[np.intp], name: str) -> Any:  # noqa: ANN401
    if cells.source is not None:
        return cells.spread(values, name)
    return column_like(cells.frame, name, values[codes])
