"""Random histories and futures, for any model that can draw purchases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmanalytics import columns as c
from crmanalytics.clv.btyd.hooks import PurchaseFormulas, answered_by_kind, check_horizon

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from crmanalytics.clv.cells import Cells

    Floats = NDArray[np.float64]

__all__ = ["SimulatedModel"]

_AT_ONCE = 1_000_000  # futures drawn in one go


@dataclass(frozen=True)
class SimulatedModel(PurchaseFormulas):
    """What can be drawn at random from a model."""

    def simulate(self, n: int, T: ArrayLike, *, seed: int) -> pd.DataFrame:
        """Return the histories of new customers, drawn at random from the model.

        Parameters
        ----------
        n : int
            How many customers.
        T : float or array_like of shape (n,)
            How long each is observed after the first purchase, in units of time.
        seed : int
            Seed of the random numbers; the same seed gives the same customers.

        Returns
        -------
        DataFrame
            customer_id, frequency, recency, T: as ``crmanalytics.summarize`` makes of a log.

        Examples
        --------
        >>> from crmanalytics.clv import BGNBD
        >>> model = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> customers = model.simulate(100_000, T=39, seed=1)
        >>> abs(customers["frequency"].mean() - model.expected_purchases_new(39)) < 0.03
        np.True_
        """
        log = self.simulate_purchases(n, T, seed=seed)
        who, time = log[c.CUSTOMER_ID].to_numpy(), log["time"].to_numpy()
        recency = np.zeros(n)
        recency[who] = time  # times ascend within a customer: the last one stays
        frequency = np.bincount(who, minlength=n) - 1
        spans = np.broadcast_to(check_horizon(T), n).astype(float)
        columns = {c.CUSTOMER_ID: np.arange(n), c.FREQUENCY: frequency, c.RECENCY: recency}
        frame = pd.DataFrame(columns | {c.T: spans})
        frame.attrs["crmanalytics"] = {"unit": self.unit}
        return frame

    def simulate_purchases(self, n: int, T: ArrayLike, *, seed: int) -> pd.DataFrame:
        """Return the purchases of new customers, drawn at random from the model.

        Parameters
        ----------
        n : int
            How many customers.
        T : float or array_like of shape (n,)
            How long each is observed after the first purchase, in units of time.
        seed : int
            Seed of the random numbers.

        Returns
        -------
        DataFrame
            customer_id and time since the customer's first purchase, which is there at time 0;
            ascending.

        Examples
        --------
        >>> from crmanalytics.clv import BGNBD
        >>> model = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> log = model.simulate_purchases(3, T=39, seed=4)
        >>> log["customer_id"].nunique(), bool((log["time"] <= 39).all())
        (3, True)
        """
        spans = np.broadcast_to(check_horizon(T), n).astype(float)
        who, time = self._draw_purchases(np.random.default_rng(seed), spans)
        everyone = np.concatenate([np.arange(n), who])
        times = np.concatenate([np.zeros(n), time])
        order = np.argsort(everyone, kind="stable")
        return pd.DataFrame({c.CUSTOMER_ID: everyone[order], "time": times[order]})

    def simulate_future(
        self,
        customers: Any,  # noqa: ANN401 - any frame
        horizon: float,
        *,
        draws: int,
        seed: int,
    ) -> NDArray[np.int64]:
        """Return possible futures of existing customers, drawn at random from the model.

        The spread over the draws is that of the customers' own chance and unknown rates; it takes
        the model's parameters as known.

        Parameters
        ----------
        customers : DataFrame
            frequency, recency, T.
        horizon : float
            How far to look ahead, in the frame's unit.
        draws : int
            How many futures.
        seed : int
            Seed of the random numbers.

        Returns
        -------
        ndarray of shape (rows, draws)
            Purchases within the horizon, in the order of the frame's rows.

        Examples
        --------
        >>> import pandas as pd
        >>> from crmanalytics.clv import BGNBD
        >>> model = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> one = pd.DataFrame({"frequency": [2], "recency": [30.43], "T": [38.86]})
        >>> futures = model.simulate_future(one, 39, draws=20_000, seed=1)
        >>> futures.shape, abs(futures.mean() - model.expected_purchases(one, 39)[0]) < 0.05
        ((1, 20000), np.True_)
        """
        random = np.random.default_rng(seed)
        cells = self._count(customers)
        end = float(check_horizon(horizon))
        rows = cells.groups.codes
        alive = self._alive_in(cells)[rows]
        futures = np.zeros((draws, len(rows)), dtype=np.int64)
        many = max(1, _AT_ONCE // len(rows))
        for first in range(0, draws, many):
            block = futures[first : first + many]
            draw, living = np.nonzero(random.random(block.shape) < alive)
            block[draw, living] = self._draw_in(cells.take(rows[living]), random, end)
        return futures.T

    @answered_by_kind
    def _alive_in(self, cells: Cells) -> Floats:
        return self._alive(cells.frequency, cells.recency, cells.T)

    @answered_by_kind
    def _draw_in(self, cells: Cells, random: np.random.Generator, horizon: float) -> Floats:
        x, t_x, T = cells.frequency, cells.recency, cells.T
        return self._draw_future_if_alive(random, x, t_x, T, horizon)
