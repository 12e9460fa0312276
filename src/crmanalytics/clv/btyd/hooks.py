"""What a file of a buy-till-you-die model brings: its likelihood and its formulas over arrays."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypeVar, cast

import numpy as np

from crmanalytics import columns as c
from crmanalytics.clv.cells import count_cells
from crmanalytics.clv.parameters import Parameters
from crmanalytics.errors import ParameterError
from crmanalytics.frames import is_lazy, map_batches

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from crmanalytics.clv.cells import Cells
    from crmanalytics.clv.fitting import Objective

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

__all__ = ["PurchaseFormulas", "answered_by_kind", "check_horizon"]

Method = TypeVar("Method", bound="Callable[..., Any]")


#: What a lazy frame calls the answer of each method.
_COLUMNS: Final = {
    "log_likelihood": "log_likelihood",
    "probability_alive": c.P_ALIVE,
    "probability_active": c.P_ACTIVE,
    "expected_purchases": c.EXPECTED_PURCHASES,
    "discounted_expected_purchases": "discounted_purchases",
}

_LONGEST = 1e100  # beyond, products with rates overflow


def check_horizon(horizon: ArrayLike) -> Floats:
    """Return a horizon as an array, or say why it is none."""
    values = np.asarray(horizon, dtype=float)
    if not ((values >= 0).all() and (values <= _LONGEST).all()):
        raise ParameterError(f"horizon must be between 0 and {_LONGEST:g}, not {horizon!r}")
    return values


def answered_by_kind(method: Method) -> Method:
    """Let a method that takes customers be answered by the model that holds in each of their cells.

    It is called on that model and on the cells; where parameters depend on covariates, those of
    that model are arrays, aligned with the cells.
    """

    @wraps(method)
    def asked(self: PurchaseFormulas, customers: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the method's
        if self.BY_ROW and is_lazy(customers):
            return _in_batches(self, method.__name__, customers, args, kwargs)
        cells = self._count(customers)
        return method(self._of(cells), cells, *args, **kwargs)

    return cast("Method", asked)


def _in_batches(
    model: PurchaseFormulas,
    method: str,
    customers: Any,  # noqa: ANN401 - a lazy frame
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:  # noqa: ANN401 - the same kind
    name = _COLUMNS[method]

    def work(rows: pd.DataFrame) -> dict[str, Floats]:
        return {name: np.asarray(getattr(model, method)(rows, *args, **kwargs), dtype=float)}

    return map_batches(customers, work, {name: float})


@dataclass(frozen=True)
class PurchaseFormulas(Parameters, ABC):
    """The hooks behind the public face; x, t_x and T are frequency, recency and T."""

    #: Whether customers differ so much that lazy frames are worked on in batches.
    BY_ROW: ClassVar[bool] = False
    COARSE_CELLS: ClassVar[int] = 20_000  # above this many cells a fit first comes near on fewer

    @classmethod
    @abstractmethod
    def _objective(cls, cells: Cells, settings: dict[str, Any]) -> Objective:
        """Return the weighted log-likelihood as a function of the log-parameters."""

    @classmethod
    @abstractmethod
    def _starts(cls, cells: Cells) -> Sequence[Floats]:
        """Return log-parameters to start from."""

    def _count(self, customers: Any) -> Cells:  # noqa: ANN401 - any frame, or Cells
        """Return customers counted by what the model distinguishes."""
        return count_cells(customers)

    def _of(self, cells: Any) -> Self:  # noqa: ANN401, ARG002 - for models that tell cells apart
        """Return the model that holds in some cells: for all but few it is the same everywhere."""
        return self

    @classmethod
    def _reweighted(
        cls,
        objective: Objective,  # noqa: ARG003 - a model may spare work by looking at it
        cells: Cells,
        settings: dict[str, Any],
    ) -> Objective:
        """Return an objective for the same cells with other weights."""
        return cls._objective(cells, settings)

    @abstractmethod
    def _log_likelihood(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        """Return each customer's log-likelihood."""

    @abstractmethod
    def _alive(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        """Return P(alive at T)."""

    def _times_alive(self, x: Floats, t_x: Floats, T: Floats, values: Floats) -> Floats:
        """Return P(alive at T) times values, where either may be too small alone."""
        return self._alive(x, t_x, T) * values

    def _log_odds_dead(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        """Return the log-odds of having left by T; -inf for who is alive for certain."""
        alive = self._alive(x, t_x, T)
        with np.errstate(divide="ignore"):
            return np.asarray(np.log1p(-alive) - np.log(alive))

    def _log_count_if_alive(
        self,
        x: Floats,  # noqa: ARG002 - for models that have a formula
        t_x: Floats,  # noqa: ARG002 - as above
        T: Floats,  # noqa: ARG002 - as above
        n: Floats,  # noqa: ARG002 - as above
        horizon: float,  # noqa: ARG002 - as above
    ) -> Floats:
        """Return log P(n purchases within the horizon) of customers who are alive at T."""
        raise ParameterError(
            f"{type(self).__name__} has no formula for the number of purchases to come of a "
            "customer with a history: draw it with simulate_future"
        )

    @abstractmethod
    def _expected_if_alive(self, x: Floats, T: Floats, horizon: Floats) -> Floats:
        """Return the expected purchases of customers who are alive at T.

        A model in which a living customer's outlook depends on t_x too, through an unseen phase,
        returns a column for each phase.
        """

    @abstractmethod
    def _active_if_alive(self, x: Floats, T: Floats, horizon: Floats) -> Floats:
        """Return P(at least one purchase) of customers who are alive at T, by phase as above."""

    def _phases(self, x: Floats, t_x: Floats, T: Floats) -> Floats:  # noqa: ARG002 - see below
        """Return P(phase | alive at T), a column for each phase: most models have just one."""
        return np.ones((len(x), 1))

    @abstractmethod
    def _expected_new(self, horizon: Floats) -> Floats:
        """Return the expected repeat purchases of a new customer."""

    @abstractmethod
    def _log_pmf(self, n: Floats, horizon: Floats) -> Floats:
        """Return log P(X(horizon) = n) of a new customer."""

    @abstractmethod
    def _draw_purchases(self, random: np.random.Generator, T: Floats) -> tuple[Codes, Floats]:
        """Return who of some new customers buys again, and when, over each one's T."""

    @abstractmethod
    def _draw_future_if_alive(
        self, random: np.random.Generator, x: Floats, t_x: Floats, T: Floats, horizon: float
    ) -> Floats:
        """Return random numbers of purchases of customers who are alive at T."""

    @classmethod
    def _prior_centre(cls, cells: Cells) -> Floats:
        """Return the prior mean of the log-parameters: 1, and the mean T for what is a time."""
        mean_time = max(float(np.average(cells.T, weights=cells.weight)), 1e-300)
        timed = [name in ("alpha", "beta") for name in cls.parameter_names()]
        return np.where(timed, math.log(mean_time), 0.0)

    @property
    def _time_scale(self) -> float:
        """Return the shortest time over which expectations bend."""
        timed = [name for name in ("alpha", "beta") if name in self.parameter_names()]
        return min((float(np.min(getattr(self, name))) for name in timed), default=0.0)
