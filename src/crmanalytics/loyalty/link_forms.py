"""Forms of the link from satisfaction to loyalty, each fitted to weighted counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, log_expit

from crmanalytics.errors import ConvergenceError, FitError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = [
    "FORMS",
    "Counts",
    "Fitted",
    "log_score",
    "profile_breaks",
]

_STEPS = 100
_SMALL = 1e-9
_CERTAIN = 1e-5  # variance of an outcome below which all are as good as known
_SINGULAR = 1e10  # condition of an information matrix that tells its terms apart no more
_LEAST = 1e-12  # of a probability, so that a log score stays finite


@dataclass(frozen=True, eq=False)
class Counts:
    """Customers by satisfaction (rows) and ordered outcome (columns).

    Parameters
    ----------
    levels : ndarray of shape (levels,)
        Answers on satisfaction that occur, ascending.
    table : ndarray of shape (levels, outcomes)
        Weighted numbers of customers.
    loyal_from : int
        First column that counts as loyal.
    """

    levels: Floats
    table: Floats
    loyal_from: int

    @property
    def number(self) -> Floats:
        """Customers of each level."""
        return np.asarray(self.table.sum(axis=1))

    @property
    def loyal(self) -> Floats:
        """Loyal ones of each level."""
        return np.asarray(self.table[:, self.loyal_from :].sum(axis=1))


@dataclass(frozen=True, eq=False)
class Fitted:
    """A form fitted: the chance of loyalty by satisfaction, and how many parameters it took.

    Parameters
    ----------
    probability : callable
        Chances of loyalty by satisfaction.
    parameters : dict of str to float
        Those that have a name.
    covariance : ndarray or None
        Of the first parameters, as if customers were independent.
    freedom : int
        How many parameters there are.
    influence : ndarray of shape (levels, outcomes, parameters) or None
        How one more customer of each cell changes the parameters that have a covariance.
    """

    probability: Callable[[Floats], Floats]
    parameters: dict[str, float]
    covariance: Floats | None
    freedom: int
    influence: Floats | None = None


def isotonic(counts: Counts) -> Fitted:
    """Never falling, and nothing else: neighbours that would fall are averaged."""
    from scipy.optimize import isotonic_regression

    solved = isotonic_regression(
        counts.loyal / counts.number, weights=counts.number, increasing=True
    )
    heights = np.asarray(solved.x)

    def probability(at: Floats) -> Floats:
        return np.asarray(np.interp(at, counts.levels, heights))

    return Fitted(probability, {}, None, len(np.unique(heights)))


def logistic(counts: Counts) -> Fitted:
    """Log-odds that rise by the same amount with each step of satisfaction."""
    design = np.column_stack([np.ones(len(counts.levels)), counts.levels])
    values, covariance = _logit(design, counts)

    def probability(at: Floats) -> Floats:
        return np.asarray(expit(values[0] + values[1] * at))

    names = {"intercept": float(values[0]), "slope": float(values[1])}
    influence = _influence(design, probability(counts.levels), covariance, counts)
    return Fitted(probability, names, covariance, 2, influence)


def segmented(counts: Counts) -> Fitted:
    """Log-odds whose slope changes at a level of satisfaction, which is estimated too."""
    breaks, heights = profile_breaks(counts)
    at_break = float(breaks[int(np.argmax(heights))])
    design = _broken(counts.levels, at_break)
    values, covariance = _logit(design, counts)

    def probability(at: Floats) -> Floats:
        return np.asarray(expit(_broken(at, at_break) @ values))

    names = {
        "intercept": float(values[0]),
        "slope": float(values[1]),
        "change of slope": float(values[2]),
        "break": at_break,
    }
    chance = probability(counts.levels)
    whole = np.column_stack([design, np.heaviside(counts.levels - at_break, 0.5)])
    information = whole.T @ (whole * (counts.number * chance * (1 - chance))[:, None])
    if np.linalg.cond(information) > _SINGULAR:  # too few levels beside the break to tell it apart
        influence = _influence(design, chance, covariance, counts)
        return Fitted(probability, names, covariance, 4, influence)
    # a break that moves lowers the log-odds beyond it by the change of slope
    turn = np.diag([1.0, 1.0, 1.0, -1 / values[2]])
    covariance = turn @ np.linalg.inv(information)
    influence = _influence(whole, chance, covariance.T, counts)
    return Fitted(probability, names, covariance @ turn, 4, influence)


def ordered(counts: Counts) -> Fitted:
    """All outcomes in their order, the odds of more of them rising alike (proportional odds)."""
    from scipy.optimize import minimize

    kept = counts.table.sum(axis=0) > 0
    if kept.sum() < 2:
        raise FitError("all customers have the same outcome: there is no link to estimate")
    table = counts.table[:, kept]
    below = int(kept[: counts.loyal_from].sum())
    if not 0 < below < table.shape[1]:
        raise FitError("nobody, or everybody, is loyal: there is no link to estimate")
    centre = float(np.average(counts.levels, weights=counts.number))
    levels, cuts = counts.levels - centre, table.shape[1] - 1
    total = table.sum()
    share = np.cumsum(table.sum(axis=0))[:-1] / total
    start = np.append(np.log(share / (1 - share)), 0.0)

    def objective(x: Floats) -> tuple[float, Floats]:
        edge = x[None, :cuts] - x[cuts] * levels[:, None]
        upper = np.column_stack([expit(edge), np.ones(len(levels))])
        lower = np.column_stack([np.zeros(len(levels)), expit(edge)])
        cell = upper - lower
        if (np.diff(x[:cuts]) <= 0).any() or (cell <= 0).any():
            return np.inf, np.zeros(cuts + 1)
        weight = table / cell
        slope = expit(edge) * expit(-edge)
        pull = slope * (weight[:, :-1] - weight[:, 1:])
        gradient = np.append(pull.sum(axis=0), -(pull * levels[:, None]).sum())
        return -float((table * np.log(cell)).sum()) / total, -gradient / total

    solved = minimize(objective, start, jac=True, method="BFGS", options={"gtol": 1e-10})
    worst = float(np.abs(objective(solved.x)[1]).max())
    if not worst < 1e-6:
        raise ConvergenceError(
            "the ordered model did not converge: satisfaction may part the outcomes perfectly. "
            "Leave 'ordered' out of forms."
        )
    slope, cut = float(solved.x[cuts]), float(solved.x[below - 1])

    def probability(at: Floats) -> Floats:
        return np.asarray(expit(slope * (at - centre) - cut))

    names = {"slope": slope, "cut": cut + slope * centre}
    turn = np.zeros((2, cuts + 1))
    turn[:, cuts] = 1.0, centre
    turn[1, below - 1] = 1.0
    spread = _inverse_curvature(lambda x: objective(x)[1], solved.x) / total
    influence = np.zeros((*counts.table.shape, 2))
    influence[:, kept] = _ordered_scores(solved.x, levels) @ spread @ turn.T
    return Fitted(probability, names, turn @ spread @ turn.T, cuts + 1, influence)


def _ordered_scores(at: Floats, levels: Floats) -> Floats:
    """Return how the log-probability of each cell changes with the cuts and the slope."""
    cuts = len(at) - 1
    edge = at[None, :cuts] - at[cuts] * levels[:, None]
    none, height = np.zeros((len(levels), 1)), expit(edge)
    cell = np.diff(np.hstack([none, height, none + 1]))
    slope = height * (1 - height)
    scores = np.zeros((*cell.shape, cuts + 1))
    each = np.arange(cuts)
    scores[:, each, each] = slope / cell[:, :-1]
    scores[:, each + 1, each] = -slope / cell[:, 1:]
    scores[:, :, cuts] = -np.diff(np.hstack([none, slope, none])) * levels[:, None] / cell
    return scores


def _inverse_curvature(gradient: Callable[[Floats], Floats], at: Floats) -> Floats:
    """Return the inverse of the matrix of second derivatives, by central differences."""
    step = 1e-5 * np.eye(len(at))
    curvature = np.array([(gradient(at + each) - gradient(at - each)) / 2e-5 for each in step])
    return np.asarray(np.linalg.inv((curvature + curvature.T) / 2))


FORMS = {"isotonic": isotonic, "logistic": logistic, "segmented": segmented, "ordered": ordered}


def profile_breaks(counts: Counts, points: int = 201) -> tuple[Floats, Floats]:
    """Return breaks and the largest log-likelihood with each of them.

    Examples
    --------
    >>> table = np.array([[8.0, 2], [8, 2], [7, 3], [2, 8]])
    >>> breaks, heights = profile_breaks(Counts(np.arange(4.0), table, 1), points=5)
    >>> float(breaks[np.argmax(heights)]) >= 1.5
    True
    """
    if len(counts.levels) < 4:
        raise FitError(
            f"a segmented link needs 4 levels of satisfaction, not {len(counts.levels)}: leave "
            "'segmented' out of forms"
        )
    # at or beyond the second level from either end one slope would rest on one level alone
    breaks = np.linspace(counts.levels[1], counts.levels[-2], points)
    heights = np.array([_height_at(at, counts) for at in breaks.tolist()])
    if not np.isfinite(heights).any():
        raise ConvergenceError(
            "the segmented link has no inner maximum at any break: satisfaction parts the loyal "
            "from the others. Leave 'segmented' out of forms, or ask more people."
        )
    return breaks, heights


def _height_at(at: float, counts: Counts) -> float:
    """Return the largest log-likelihood with a break, or that there is none.

    Where few customers lie beyond a break, all of them may be loyal, or none: a slope without
    bounds. Such breaks cannot be estimated and are left out; they say nothing of the others.
    """
    try:
        return _height(_broken(counts.levels, at), counts)
    except ConvergenceError:
        return -np.inf


def _broken(levels: Floats, at: float) -> Floats:
    return np.column_stack([np.ones(len(levels)), levels, np.maximum(levels - at, 0.0)])


def _height(design: Floats, counts: Counts) -> float:
    linear = design @ _logit(design, counts)[0]
    lost = counts.number - counts.loyal
    return float(counts.loyal @ log_expit(linear) + lost @ log_expit(-linear))


def _logit(design: Floats, counts: Counts) -> tuple[Floats, Floats]:
    """Return the estimates of a logistic regression on counts, by Newton's method."""
    centre = design.mean(axis=0)
    centre[0] = 0.0
    scale = np.where(design.std(axis=0) > 0, design.std(axis=0), 1.0)
    own = (design - centre) / scale
    values = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        chance = expit(own @ values)
        if (chance * (1 - chance)).max() < _CERTAIN:
            break
        gradient = own.T @ (counts.loyal - counts.number * chance)
        information = own.T @ (own * (counts.number * chance * (1 - chance))[:, None])
        try:
            step = np.linalg.solve(information, gradient)
        except np.linalg.LinAlgError:
            break
        values = values + np.clip(step, -4.0, 4.0)
        if float(gradient @ step) < _SMALL * max(1.0, counts.number.sum() * 1e-6):
            back = np.diag(1 / scale)
            back[0, 1:] = -(centre / scale)[1:]
            return back @ values, back @ np.linalg.inv(information) @ back.T
    raise ConvergenceError(
        "the logistic link has no inner maximum: satisfaction parts the loyal from the others "
        "perfectly, or does not vary. Leave the form out, or ask more people."
    )


def _influence(design: Floats, chance: Floats, covariance: Floats, counts: Counts) -> Floats:
    """Return how one more customer of each cell changes the estimates of a logistic regression."""
    loyal = np.arange(counts.table.shape[1]) >= counts.loyal_from
    residual = loyal[None, :] - chance[:, None]
    return np.asarray(residual[:, :, None] * (design @ covariance)[:, None, :])


def log_score(fitted: Fitted, counts: Counts) -> Floats:
    """Return the sum of log-probabilities that a form had given to each level's outcomes.

    Examples
    --------
    >>> counts = Counts(np.arange(2.0), np.array([[1.0, 1.0], [0.0, 2.0]]), 1)
    >>> log_score(Fitted(lambda at: np.full(len(at), 0.5), {}, None, 0), counts).round(3).tolist()
    [-1.386, -1.386]
    """
    chance = np.clip(fitted.probability(counts.levels), _LEAST, 1 - _LEAST)
    lost = counts.number - counts.loyal
    return np.asarray(counts.loyal * np.log(chance) + lost * np.log1p(-chance))
