"""Transition matrices out of counted moves, and the customer base that they lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import Column, Contract, Kind, admit_eager, as_float
from crmanalytics.segments.labels import coded, plain_series

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["forecast_base", "transition_matrix"]

_MOVES: Final = Contract(
    frame="moves",
    columns=(
        Column("from_state", Kind.LABEL),
        Column("to_state", Kind.LABEL),
        Column("count", Kind.NUMBER, low=0),
    ),
)


def transition_matrix(
    moves: Any,  # noqa: ANN401 - any eager frame
    *,
    without: Hashable | None = "Entered",
    prior: float = 0.0,
) -> pd.DataFrame:
    """Lay counted moves out as a matrix of probabilities: from the row's state to the column's.

    Rows of the same pair are added up, so that the moves of several years, one below the other,
    give one matrix. It goes as it is into ``clv.MarkovChain(matrix, rewards, matrix.index)``.

    Parameters
    ----------
    moves : DataFrame
        What :func:`migration` returned, or any frame with ``from_state``, ``to_state``, ``count``.
    without : hashable, optional
        A state to leave out: by default the one that customers come from when they enter, as nobody
        ever returns to it. None keeps every state.
    prior : float
        Added to the count of each pair, so that moves never seen remain possible.

    Returns
    -------
    pandas.DataFrame
        Square, states in the order of their appearance, each row summing to 1. A state that was
        never left keeps its customers, as ``Left`` does.

    Raises
    ------
    DataError
        If columns or values are missing, or there are no moves.
    ParameterError
        If `prior` is negative.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.segments import transition_matrix
    >>> moves = pd.DataFrame(
    ...     {"from_state": ["in", "in"], "to_state": ["in", "out"], "count": [8, 2]}
    ... )
    >>> transition_matrix(moves)  # doctest: +NORMALIZE_WHITESPACE
    to_state     in  out
    from_state
    in          0.8  0.2
    out         0.0  1.0
    """
    if not prior >= 0:
        raise ParameterError(f"prior must not be negative, not {prior!r}")
    own = admit_eager(moves, _MOVES)
    columns = [plain_series(own, name) for name in ("from_state", "to_state")]
    both = pd.concat([pd.Series(each.to_list(), dtype=object) for each in columns])
    states = [each for each in pd.unique(both) if each != without]
    if not states:
        raise InvalidValuesError("moves has no rows.")
    frm, to = (coded(each, states) for each in columns)
    inside = (frm >= 0) & (to >= 0)
    counts = np.full((len(states), len(states)), float(prior))
    np.add.at(counts, (frm[inside], to[inside]), as_float(own, "count")[inside])
    index = pd.Index(states, name="from_state", tupleize_cols=False)
    return pd.DataFrame(_shares(counts), index=index, columns=index.rename("to_state"))


def forecast_base(
    matrix: Any,  # noqa: ANN401 - a pandas frame, or anything numpy reads
    start: ArrayLike | Mapping[Hashable, float],
    periods: int,
    *,
    entrants: ArrayLike | Mapping[Hashable, float] | None = None,
) -> pd.DataFrame:
    """Say how many customers each state will hold in the coming periods if moves go on as before.

    Parameters
    ----------
    matrix : DataFrame of shape (k, k)
        What :func:`transition_matrix` returned. Rows may sum to less than 1: the rest is lost.
    start : array_like of shape (k,) or mapping of state to number
        Customers now; states that a mapping does not name have none.
    periods : int
        How many periods to look ahead, 1 or more.
    entrants : array_like of shape (k,) or mapping of state to number, optional
        New customers in every period, by the state that they are in at its end.

    Returns
    -------
    pandas.DataFrame
        One row per period 0..periods and state: ``period``, ``state``, ``customers`` (expected),
        ``standard_error`` and ``share``. The standard error is that of chance alone: each customer
        moves independently with the probabilities given, entrants come for certain.

    Raises
    ------
    ParameterError
        If the matrix is none of probabilities, or an argument is out of bounds.

    References
    ----------
    Bartholomew, D. J. (1982), *Stochastic Models for Social Processes*, 3rd ed., Wiley, chapter 3,
    for expectations and covariances of graded systems.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.segments import forecast_base
    >>> matrix = pd.DataFrame([[0.8, 0.2], [0.0, 1.0]], index=["in", "out"], columns=["in", "out"])
    >>> forecast_base(matrix, {"in": 100}, 1, entrants={"in": 10})
       period state  customers  standard_error     share
    0       0    in      100.0             0.0  1.000000
    1       0   out        0.0             0.0  0.000000
    2       1    in       90.0             4.0  0.818182
    3       1   out       20.0             4.0  0.181818
    """
    if isinstance(periods, bool) or not isinstance(periods, int) or periods < 1:
        raise ParameterError(f"periods must be a whole number from 1, not {periods!r}")
    p, states = _probabilities(matrix)
    base = _per_state("start", start, states)
    fresh = np.zeros(len(states)) if entrants is None else _per_state("entrants", entrants, states)
    spread = np.zeros_like(p)
    expected, errors = [base], [np.zeros(len(states))]
    for _ in range(periods):
        scatter = np.diag(base @ p) - p.T @ (base[:, None] * p)
        spread = p.T @ spread @ p + scatter
        base = base @ p + fresh
        expected.append(base)
        errors.append(np.sqrt(np.maximum(np.diag(spread), 0.0)))
    customers = np.array(expected)
    whole = customers.sum(axis=1, keepdims=True)
    share = np.divide(customers, whole, out=np.full(customers.shape, np.nan), where=whole > 0)
    return pd.DataFrame(
        {
            c.PERIOD: np.repeat(np.arange(periods + 1), len(states)),
            c.STATE: states * (periods + 1),
            "customers": customers.ravel(),
            c.STANDARD_ERROR: np.array(errors).ravel(),
            "share": share.ravel(),
        }
    )


def _shares(counts: Floats) -> Floats:
    totals = counts.sum(axis=1, keepdims=True)
    return np.where(totals > 0, counts / np.where(totals > 0, totals, 1.0), np.eye(len(counts)))


def _probabilities(matrix: Any) -> tuple[Floats, list[Any]]:  # noqa: ANN401 - see forecast_base
    numbers = np.asarray(matrix, dtype=np.float64)
    if numbers.ndim != 2 or numbers.shape[0] != numbers.shape[1] or not numbers.size:
        raise ParameterError(f"matrix must be square, not of shape {numbers.shape}")
    states = list(matrix.index) if isinstance(matrix, pd.DataFrame) else list(range(len(numbers)))
    if isinstance(matrix, pd.DataFrame) and states != list(matrix.columns):
        raise ParameterError("matrix must have the same states as rows and as columns, in order")
    if not (numbers >= 0).all() or (numbers.sum(axis=1) > 1 + 1e-9).any():
        raise ParameterError("matrix must hold probabilities whose rows sum to at most 1")
    return numbers, states


def _per_state(name: str, given: ArrayLike | Mapping[Any, float], states: list[Any]) -> Floats:
    if isinstance(given, pd.Series):
        given = given.to_dict()
    if isinstance(given, dict):
        unknown = [state for state in given if state not in states]
        if unknown:
            raise ParameterError(f"{name} names states that the matrix does not have: {unknown}")
        given = [given.get(state, 0.0) for state in states]
    numbers = np.asarray(given, dtype=np.float64)
    if numbers.shape != (len(states),) or not (np.isfinite(numbers) & (numbers >= 0)).all():
        raise ParameterError(f"{name} must hold {len(states)} numbers from 0, one per state")
    return numbers
