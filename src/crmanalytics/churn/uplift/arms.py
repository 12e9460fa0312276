"""The two arms of an experiment, in the order of a score: who was treated, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.churn.ranking import running
from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import Column, Contract, Kind, admit_eager, as_float

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Arms", "Experiment", "read_experiment"]


@dataclass(frozen=True, eq=False)
class Arms:
    """Customers and outcomes of both arms for each score, the highest score first.

    Parameters
    ----------
    treated, control : ndarray of shape (steps,)
        Customers of each arm.
    gained, lost : ndarray of shape (steps,)
        Sums of the outcomes of the treated, and of the control customers.

    Examples
    --------
    >>> one, none = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    >>> Arms(treated=one, control=none, gained=one, lost=none).qini().tolist()
    [0.0, 1.0, 0.0]
    """

    treated: Floats
    control: Floats
    gained: Floats
    lost: Floats

    @property
    def size(self) -> Floats:
        """Customers with each score."""
        return self.treated + self.control

    def reached(self) -> Floats:
        """Return customers from the top down to each score, nobody first."""
        return running(self.size)

    def qini(self) -> Floats:
        """Return outcomes gained by treating from the top down to each score: Radcliffe's curve.

        Those of the control customers are scaled to the number of treated ones.
        """
        treated, control, gained, lost = self._sums()
        scaled = np.divide(treated, control, out=np.zeros(len(treated)), where=control > 0)
        return gained - lost * scaled

    def gain(self) -> Floats:
        """Return the difference of the arms' means down to each score, times the customers."""
        treated, control, gained, lost = self._sums()
        nothing = np.zeros(len(treated))
        above = np.divide(gained, treated, out=nothing.copy(), where=treated > 0)
        below = np.divide(lost, control, out=nothing, where=control > 0)
        return np.asarray((above - below) * (treated + control))

    def top(self, count: float) -> tuple[float, float, float, float]:
        """Return both arms' customers and outcomes that are expected among so many from the top."""
        reached = self.reached()
        found = (float(np.interp(count, reached, each)) for each in self._sums())
        return tuple(found)  # type: ignore[return-value] # four sums give four numbers

    def _sums(self) -> tuple[Floats, Floats, Floats, Floats]:
        return (
            running(self.treated),
            running(self.control),
            running(self.gained),
            running(self.lost),
        )


@dataclass(frozen=True, eq=False)
class Experiment:
    """Rows of an experiment, sorted by falling score.

    Parameters
    ----------
    own : narwhals.DataFrame
        The caller's frame, in the caller's order.
    order : ndarray of shape (rows,)
        The row of the frame at each place.
    treated, outcome, score, weight : ndarray of shape (rows,)
        In order of the score.
    starts : ndarray of shape (steps,)
        Where each score begins.
    """

    own: nw.DataFrame[Any]
    order: NDArray[np.intp]
    treated: Floats
    outcome: Floats
    score: Floats
    weight: Floats
    starts: NDArray[np.intp]

    def arms(self, times: Floats | None = None) -> Arms:
        """Return both arms per score, each row counted so many times."""
        weight = self.weight if times is None else self.weight * times
        treated = weight * self.treated
        control = weight - treated
        values = (treated, control, treated * self.outcome, control * self.outcome)
        return Arms(*(self.per_step(each) for each in values))

    def per_step(self, values: Floats) -> Floats:
        """Return sums of values in order of the score, one for each score."""
        return np.asarray(np.add.reduceat(values, self.starts))

    def is_binary(self) -> bool:
        """Whether the outcomes are 1 and 0."""
        return bool(np.isin(self.outcome, (0.0, 1.0)).all())


def read_experiment(
    experiment: Any,  # noqa: ANN401 - any eager frame
    *,
    outcome: str,
    treatment: str,
    score: str | None = None,
    weight: str | None = None,
    customer_id: str = c.CUSTOMER_ID,
) -> Experiment:
    """Check the frame of an experiment, and sort it by the score.

    Parameters
    ----------
    experiment : DataFrame
        One row per customer.
    outcome, treatment, score, weight : str
        Its columns: what came of it (1 and 0, or money), who was treated, by what to sort
        (without it, all are alike), and for how many customers the row stands.
    customer_id : str
        Column of identifiers; only a name of the caller's own must be there.

    Returns
    -------
    Experiment

    Raises
    ------
    DataError
        If columns or values are missing, or an arm is empty.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"treated": [1, 0], "bought": [1, 0], "uplift": [0.3, 0.1]})
    >>> read_experiment(frame, outcome="bought", treatment="treated").arms().gained.tolist()
    [1.0]
    """
    wanted = [Column(treatment, Kind.FLAG), Column(outcome, _kind_of(experiment, outcome))]
    wanted += [Column(score, Kind.NUMBER)] if score is not None else []
    wanted += [Column(weight, Kind.NUMBER, low=0)] if weight is not None else []
    named = customer_id != c.CUSTOMER_ID
    wanted.append(Column(customer_id, Kind.IDENTIFIER, required=named))
    own = admit_eager(experiment, Contract("experiment", tuple(wanted), names_row_by=customer_id))
    treated, values = as_float(own, treatment), as_float(own, outcome)
    scores = np.zeros(len(own)) if score is None else as_float(own, score)
    weights = np.ones(len(own)) if weight is None else as_float(own, weight)
    _check_arms(treated, weights, treatment)
    order = np.lexsort((weights, values, treated, -scores))
    starts = np.flatnonzero(np.concatenate([[True], np.diff(scores[order]) != 0]))
    return Experiment(
        own, order, treated[order], values[order], scores[order], weights[order], starts
    )


def _kind_of(experiment: object, outcome: str) -> Kind:
    """Return what an outcome holds: flags if it is stored as such, numbers otherwise."""
    own = nw.from_native(experiment, pass_through=True)
    if isinstance(own, nw.DataFrame) and own.schema.get(outcome) == nw.Boolean:
        return Kind.FLAG
    return Kind.NUMBER


def _check_arms(treated: Floats, weight: Floats, treatment: str) -> None:
    first = float(treated @ weight)
    if not 0 < first < float(weight.sum()):
        raise InvalidValuesError(
            f"experiment[{treatment!r}] must hold treated customers and others: without both "
            "there is nothing to compare."
        )
