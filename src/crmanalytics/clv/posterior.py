"""What the data leave possible: a sample of a model's parameters from their posterior."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmanalytics.clv.coordinates import coordinate_covariance, coordinates, estimates_at
from crmanalytics.clv.draws import Draws
from crmanalytics.errors import ConvergenceError, MissingExtraError, ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from crmanalytics.clv.bootstrap import R, Refitting
    from crmanalytics.clv.fit import Fit

    Floats = NDArray[np.float64]

__all__ = ["posterior"]

_FEWEST_WALKERS = 16
_CHUNK = 200  # steps between looks at the chains
_LENGTH = 50  # autocorrelation times that the chains must have for these to be known
_BURN_IN = 5  # autocorrelation times that are thrown away


def posterior(
    fit: Fit[R],
    customers: Any,  # noqa: ANN401 - any frame, or Cells
    *,
    draws: int,
    seed: int,
    penalty: float | None = None,
    weight: str | None = None,
    longest: int = 5000,
) -> Draws[R]:
    """Draw a model's parameters from their posterior distribution, for intervals of any kind.

    The prior is that of a penalised fit: independent normal distributions of the logarithms of the
    parameters, with the given precision, centred on 0 (on the mean T for what is a time, on the
    mean spend for what is money). It must be proper: the likelihood of these models does not vanish
    at the edges, so that under a flat prior there is no posterior at all. A penalty of 0.1 (a
    standard deviation of 3.2: a factor of 500 either way at two of them) says next to nothing.

    Parameters
    ----------
    fit : Fit
        The fit around which the sampler starts.
    customers : DataFrame or Cells
        What it was fitted to.
    draws : int
        How many draws to hand back, spread evenly over the chains.
    seed : int
        Seed of the random numbers.
    penalty : float, optional
        Precision of the prior; that of the fit if not given.
    weight : str, optional
        Column with the number of customers that a row stands for.
    longest : int
        Steps after which to give up.

    Returns
    -------
    Draws
        One model per draw, for :func:`interval`. Its ``diagnostics`` has one row per parameter:
        autocorrelation_time (steps), effective_draws (that the chains are worth, more or less
        independent) and acceptance (share of steps taken; 0.2 to 0.5 is sound).

    Raises
    ------
    ParameterError
        If neither the fit nor the call brings a prior.
    ConvergenceError
        If after the longest run the chains are shorter than 50 times their autocorrelation time, or
        worth fewer draws than asked for.
    MissingExtraError
        If the sampler is not installed: ``pip install crmanalytics[posterior]``.

    References
    ----------
    Foreman-Mackey, Hogg, Lang & Goodman (2013), emcee: the MCMC hammer. Publications of the
    Astronomical Society of the Pacific 125, 306-312. ter Braak & Vrugt (2008), Differential
    evolution Markov chain with snooker updater and fewer chains. Statistics and Computing 18.
    Goodman & Weare (2010), section 3, for the length that chains need.

    Examples
    --------
    >>> from crmanalytics import clv
    >>> from crmanalytics.datasets import load_cdnow_summary
    >>> customers = load_cdnow_summary()
    >>> spend = clv.GammaGamma.fit(customers)
    >>> sample = clv.posterior(spend, customers, draws=200, seed=1, penalty=0.1)
    >>> table = clv.interval(lambda model: model.mean_spend, sample)
    >>> bool(table["low"].iloc[0] < spend.model.mean_spend < table["high"].iloc[0])
    True
    """
    precision = fit.penalty if penalty is None else penalty
    if not (math.isfinite(precision) and precision > 0):
        raise ParameterError(
            "a posterior needs a proper prior: pass a positive penalty (0.1 says next to nothing), "
            f"not {precision!r}"
        )
    if draws < 1:
        raise ParameterError(f"draws must be at least 1, not {draws!r}")
    density = _log_posterior(fit.model.refitting(customers, weight), precision)
    sampler = _Sampler(fit, density, seed)
    sampler.run(draws, longest)
    names = list(fit.model.estimates())
    table = pd.DataFrame(estimates_at(fit.model, sampler.sample(draws)), columns=names)
    return Draws(fit.model, table, "posterior", diagnostics=sampler.diagnostics(names))


def _log_posterior(basis: Refitting, precision: float) -> Callable[[Floats], float]:
    """Return the log-density of log-parameters, up to a constant."""
    objective = basis.objective(basis.weight)

    def density(log_parameters: Floats) -> float:
        with np.errstate(all="ignore"):  # far out a likelihood may overflow; it is then refused
            value, _ = objective.value_and_gradient(log_parameters)
            away = log_parameters - basis.centre
            total = value - 0.5 * precision * float(away @ away)
        return total if math.isfinite(total) else -math.inf

    return density


class _Sampler:
    """An ensemble of walkers, started where the fit's covariance matrix expects them."""

    def __init__(self, fit: Fit[Any], density: Callable[[Floats], float], seed: int) -> None:
        emcee = _emcee()
        middle = coordinates(fit.model)
        covariance = coordinate_covariance(fit.model, fit.covariance_matrix)
        self.size = max(_FEWEST_WALKERS, 4 * len(middle))
        random = np.random.default_rng(seed)
        self.start = random.multivariate_normal(middle, covariance, self.size)
        moves = [(emcee.moves.DEMove(), 0.8), (emcee.moves.DESnookerMove(), 0.2)]
        self.chains = emcee.EnsembleSampler(self.size, len(middle), density, moves=moves)
        # the sampler draws from numpy's older generator and takes nothing else
        self.chains.random_state = np.random.RandomState(seed).get_state()

    @property
    def times(self) -> Floats:
        """Autocorrelation time of each parameter, in steps; at least 1."""
        return np.asarray(np.maximum(self.chains.get_autocorr_time(tol=0), 1.0))

    @property
    def worth(self) -> Floats:
        """Return how many independent draws the chains are worth, by parameter."""
        kept = self.chains.iteration - _BURN_IN * self.times.max()
        return np.asarray(self.size * kept / self.times)

    def run(self, draws: int, longest: int) -> None:
        """Run until the chains are long enough for their own autocorrelation."""
        state = self.start
        while self.chains.iteration < longest:
            steps = min(_CHUNK, longest - self.chains.iteration)
            state = self.chains.run_mcmc(state, steps, skip_initial_state_check=True)
            long_enough = self.chains.iteration >= _LENGTH * self.times.max()
            if long_enough and self.worth.min() >= draws:
                return
        raise ConvergenceError(
            f"after {self.chains.iteration:,} steps the chains, with an autocorrelation time of "
            f"{self.times.max():.0f} steps, are too short for {draws:,} draws. Pass a larger "
            "longest, ask for fewer draws, or give a larger penalty: the data may hardly determine "
            "this model."
        )

    def sample(self, draws: int) -> Floats:
        """Return draws spread evenly over the chains, without their beginning."""
        burn_in = int(_BURN_IN * self.times.max())
        flat = self.chains.get_chain(discard=burn_in, flat=True)
        return np.asarray(flat[np.linspace(0, len(flat) - 1, draws).round().astype(np.intp)])

    def diagnostics(self, names: list[str]) -> pd.DataFrame:
        """Return what the chains say of themselves, one row per parameter."""
        return pd.DataFrame(
            {
                "autocorrelation_time": self.times,
                "effective_draws": self.worth,
                "acceptance": float(self.chains.acceptance_fraction.mean()),
            },
            index=pd.Index(names, name="parameter"),
        )


def _emcee() -> Any:  # noqa: ANN401 - a package without types
    try:
        import emcee
    except ImportError as error:
        raise MissingExtraError(
            "the sampler is not installed: pip install 'crmanalytics[posterior]'"
        ) from error
    return emcee
