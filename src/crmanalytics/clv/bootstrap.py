"""The bootstrap on cells: customers are drawn again by drawing the counts of their cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np
import pandas as pd

from crmanalytics.clv.coordinates import coordinates, estimates_at
from crmanalytics.clv.draws import Draws
from crmanalytics.clv.fit import Parametric
from crmanalytics.clv.fitting import maximise
from crmanalytics.errors import ConvergenceError, FitError, ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from crmanalytics.clv.fit import Fit
    from crmanalytics.clv.fitting import Objective

    Floats = NDArray[np.float64]

__all__ = ["Refitting", "bootstrap"]

_FAILURES_BORNE = 0.1


@dataclass(frozen=True, eq=False)
class Refitting:
    """What it takes to fit a model again with other weights.

    Parameters
    ----------
    weight : ndarray
        Customers in each cell.
    objective : callable
        Weights to log-likelihood.
    centre : ndarray
        Mean of the prior, for a penalised fit.
    """

    weight: Floats
    objective: Callable[[Floats], Objective]
    centre: Floats


class Refittable(Parametric, Protocol):
    """A model that can be fitted again with other weights."""

    def refitting(self, customers: Any, weight: str | None = None) -> Refitting:  # noqa: ANN401
        """Return what that takes."""


R = TypeVar("R", bound=Refittable)


def bootstrap(
    fit: Fit[R],
    customers: Any,  # noqa: ANN401 - any frame, or Cells
    *,
    draws: int,
    seed: int,
    weight: str | None = None,
) -> Draws[R]:
    """Fit a model again and again to customers drawn with replacement.

    Customers of the same cell are alike, so that drawing customers is drawing the cells' counts (as
    Poisson numbers, since estimates do not depend on how many customers there are in all): a refit
    of a million customers takes as long as one of their cells, from a start at the fit.

    Parameters
    ----------
    fit : Fit
        The fit to repeat.
    customers : DataFrame or Cells
        What it was fitted to.
    draws : int
        How many refits.
    seed : int
        Seed of the random numbers.
    weight : str, optional
        Column with the number of customers that a row stands for.

    Returns
    -------
    Draws
        One model per refit, for :func:`interval`.

    Raises
    ------
    FitError
        If more than a tenth of the refits have no proven maximum.

    References
    ----------
    Efron & Tibshirani (1993), An introduction to the bootstrap, chapter 13 (percentile intervals).
    Hanley & MacGibbon (2006), Creating non-parametric bootstrap samples using Poisson frequencies.
    Computer Methods and Programs in Biomedicine 83(1), 57-62.

    Examples
    --------
    >>> from crmanalytics import clv
    >>> from crmanalytics.datasets import load_cdnow_summary
    >>> customers = load_cdnow_summary()
    >>> fit = clv.BGNBD.fit(customers)
    >>> draws = clv.bootstrap(fit, customers, draws=100, seed=1)
    >>> bool(abs(draws.parameters["r"].std() / fit.parameters.loc["r", "standard_error"] - 1) < 0.3)
    True
    """
    if draws < 1:
        raise ParameterError(f"draws must be at least 1, not {draws!r}")
    basis = fit.model.refitting(customers, weight)
    random = np.random.default_rng(seed)
    found, failures = [], 0
    for _ in range(draws):
        counts = random.poisson(basis.weight).astype(float)
        try:
            found.append(_refit(fit, basis, counts))
        except ConvergenceError:
            failures += 1
    if failures > _FAILURES_BORNE * draws:
        raise FitError(
            f"{failures:,} of {draws:,} refits have no proven maximum: the data hardly determine "
            "this model. Fit it with penalty=1, or choose a simpler one."
        )
    table = pd.DataFrame(found, columns=list(fit.model.estimates()))
    return Draws(fit.model, table, "bootstrap", failures)


def _refit(fit: Fit[R], basis: Refitting, counts: Floats) -> Floats:
    maximum = maximise(
        basis.objective(counts),
        [coordinates(fit.model)],
        n=float(counts.sum()),
        penalty=fit.penalty,
        centre=basis.centre,
        names=list(fit.model.estimates()),
        near=True,
    )
    return estimates_at(fit.model, maximum.log_parameters)
