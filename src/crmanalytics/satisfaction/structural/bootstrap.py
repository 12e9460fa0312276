"""Standard errors and intervals of a structural model: the survey drawn again and again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from crmanalytics import columns as c
from crmanalytics.errors import FitError, ParameterError
from crmanalytics.frames import Shown
from crmanalytics.satisfaction.structural.admissibility import admissible
from crmanalytics.satisfaction.structural.algorithm import outer_weights
from crmanalytics.satisfaction.structural.answers import read_answers
from crmanalytics.satisfaction.structural.intervals import Parts, accelerations, intervals
from crmanalytics.satisfaction.structural.layout import layout_of
from crmanalytics.satisfaction.structural.quantities import quantity
from crmanalytics.satisfaction.structural.resampling import left_out_moments, resampled_moments
from crmanalytics.satisfaction.structural.solution import correlations_of, solution_of
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from threadpoolctl import ThreadpoolController

    from crmanalytics.satisfaction.structural.fit import StructuralFit
    from crmanalytics.satisfaction.structural.intervals import Interval
    from crmanalytics.satisfaction.structural.layout import Layout
    from crmanalytics.satisfaction.structural.quantities import Quantity
    from crmanalytics.satisfaction.structural.solution import Solution

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

__all__ = ["StructuralBootstrap", "bootstrap_structural"]


@dataclass(frozen=True, eq=False, repr=False)
class StructuralBootstrap(Shown):
    """Refits of a structural model to resamples of its survey.

    Parameters
    ----------
    fit : StructuralFit
        The fit to the survey itself.
    draws : int
        Resamples drawn.
    used : Solution
        What the resamples that count gave; one leading entry each.
    failed : dict of str to int
        Resamples by what became of those that do not simply count.
    left_out : Solution, optional
        What the survey gave without each of its respondents (or clusters), for ``bca``.
    parts : Parts, optional
        Which of them was left out each time.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> rng = np.random.default_rng(1)
    >>> quality = rng.normal(7, 1.5, 300)
    >>> survey = pd.DataFrame({f"q{k}": quality + rng.normal(0, 1, 300) for k in (1, 2)})
    >>> survey["s"] = 2 + 0.6 * quality + rng.normal(0, 1, 300)
    >>> model = crm.satisfaction.structural_model({"Q": ["q1", "q2"], "S": ["s"]}, ["Q -> S"])
    >>> fit = crm.satisfaction.fit_structural(survey, model)
    >>> resampled = crm.satisfaction.bootstrap_structural(fit, survey, draws=200, seed=1)
    >>> resampled.table("paths").query("metric == 'path'")[["source", "target", "se"]].round(2)
      source target    se
    0      Q      S  0.04
    >>> resampled.failures["draws"].tolist()
    [0, 0, 0]
    """

    fit: StructuralFit = field(repr=False)
    draws: int
    used: Solution = field(repr=False)
    failed: dict[str, int]
    left_out: Solution | None = field(default=None, repr=False)
    parts: Parts | None = field(default=None, repr=False)

    def _told(self) -> list[str]:
        failed = [f"{many:,} {reason}" for reason, many in self.failed.items() if many]
        counted = f"StructuralBootstrap: {self.size:,} of {self.draws:,} draws count"
        return [f"{counted} ({', '.join(failed)})" if failed else counted]

    def _tables(self) -> dict[str, pd.DataFrame]:
        paths = self.table("paths").query("metric == 'path'")
        return {"": paths[["source", "target", c.ESTIMATE, c.SE, c.LOW, c.HIGH]]}

    @property
    def failures(self) -> pd.DataFrame:
        """Why resamples failed, and how many did.

        Examples
        --------
        >>> import pandas as pd
        >>> import crmanalytics as crm
        >>> survey = pd.DataFrame({"q": [3, 5, 8, 9, 6, 4, 7], "s": [4, 5, 7, 9, 7, 5, 6]})
        >>> model = crm.satisfaction.structural_model({"Q": ["q"], "S": ["s"]}, ["Q -> S"])
        >>> fit = crm.satisfaction.fit_structural(survey, model)
        >>> crm.satisfaction.bootstrap_structural(fit, survey, draws=50, seed=1).failures
                            reason  draws
        0     an item did not vary      0
        1           did not settle      0
        2  inadmissible (left out)      0
        """
        return pd.DataFrame({"reason": list(self.failed), "draws": list(self.failed.values())})

    @property
    def size(self) -> int:
        """Resamples that count.

        Examples
        --------
        >>> import pandas as pd
        >>> import crmanalytics as crm
        >>> survey = pd.DataFrame({"q": [3, 5, 8, 9, 6, 4, 7], "s": [4, 5, 7, 9, 7, 5, 6]})
        >>> model = crm.satisfaction.structural_model({"Q": ["q"], "S": ["s"]}, ["Q -> S"])
        >>> fit = crm.satisfaction.fit_structural(survey, model)
        >>> crm.satisfaction.bootstrap_structural(fit, survey, draws=50, seed=1).size
        50
        """
        return int(self.used.weights.shape[0])

    def table(
        self, name: str, *, level: float = 0.95, interval: Interval = "percentile"
    ) -> pd.DataFrame:
        """Return a table of the fit with standard errors and intervals, one row per number.

        Parameters
        ----------
        name : str
            A table of :meth:`StructuralFit.table`: ``paths``, ``effects``, ``measurement``, ...
        level : float
            Confidence level.
        interval : {"percentile", "basic", "normal", "bca"}
            Quantiles of the refits; mirrored at the estimate; estimate and standard error; or
            quantiles that are corrected for bias and skewness, which need ``bca=True`` of
            :func:`bootstrap_structural`.

        Returns
        -------
        pandas.DataFrame
            The labels, then ``metric, estimate, se, low, high, n, n_effective, n_missing, method``.

        Raises
        ------
        ParameterError
            If the table, the level or the interval is unknown, or what ``bca`` needs is not there.

        Examples
        --------
        >>> import pandas as pd
        >>> import crmanalytics as crm
        >>> survey = pd.DataFrame({"q": [3, 5, 8, 9, 6, 4, 7], "s": [4, 5, 7, 9, 7, 5, 6]})
        >>> model = crm.satisfaction.structural_model({"Q": ["q"], "S": ["s"]}, ["Q -> S"])
        >>> fit = crm.satisfaction.fit_structural(survey, model)
        >>> resampled = crm.satisfaction.bootstrap_structural(fit, survey, draws=50, seed=1)
        >>> resampled.table("r2")[["metric", "estimate"]].round(2)
                metric  estimate
        0           r2      0.85
        1  r2_adjusted      0.82
        """
        n = self.fit.moments.n
        return self.laid_out(
            lambda found: quantity(name, self.fit.model, found, n), level=level, interval=interval
        )

    def laid_out(
        self, of: Callable[[Solution], Quantity], *, level: float, interval: Interval
    ) -> pd.DataFrame:
        """Lay what the fit gives, and its interval, out as a tidy table."""
        estimate, refits = of(self.fit.solution), of(self.used)
        skewness = self._skewness(of) if interval == "bca" else {}
        moments = self.fit.moments
        parts = []
        for metric, values in estimate.metrics.items():
            se, low, high = intervals(
                values, refits.metrics[metric], level, interval, skewness.get(metric)
            )
            found = {c.METRIC: metric, c.ESTIMATE: values, c.SE: se, c.LOW: low, c.HIGH: high}
            parts.append(pd.DataFrame({**estimate.labels, **found}))
        whole = pd.concat(parts, ignore_index=True)
        whole[c.N] = moments.n
        whole[c.N_EFFECTIVE] = moments.n_effective
        whole[c.N_MISSING] = moments.n_missing
        whole[c.METHOD] = f"bootstrap {interval}, {self.size} of {self.draws} draws"
        return whole

    def _skewness(self, of: Callable[[Solution], Quantity]) -> dict[str, Floats]:
        if self.left_out is None or self.parts is None:
            raise ParameterError(
                "interval 'bca' needs the survey without each of its respondents: say bca=True to "
                "bootstrap_structural"
            )
        found = of(self.left_out).metrics
        return {metric: accelerations(values, self.parts) for metric, values in found.items()}


def bootstrap_structural(
    fit: StructuralFit,
    survey: Any,  # noqa: ANN401 - any eager frame
    *,
    draws: int,
    seed: int,
    inadmissible: Literal["drop", "keep"] = "drop",
    bca: bool = False,
) -> StructuralBootstrap:
    """Estimate a structural model again on many resamples of its survey.

    Respondents are drawn with replacement (whole clusters within their strata, where the sample
    has them), each with its weight; composites that come out upside down are turned back. Refits
    that do not settle are left out and counted.

    Parameters
    ----------
    fit : StructuralFit
        The fit to the survey.
    survey : DataFrame
        The same survey; it is read as for the fit.
    draws : int
        How many resamples; 500 for standard errors, 2000 or more for the ends of intervals.
    seed : int
        Seed of the random numbers.
    inadmissible : {"drop", "keep"}
        Whether refits count that claim what cannot be (correlations beyond 1, ...). A consistent
        fit that is inadmissible itself has many of them.
    bca : bool
        Whether the model is also estimated without each respondent (or cluster; in parts, where
        there are more than 1000), which the intervals named ``bca`` need.

    Returns
    -------
    StructuralBootstrap
        The refits, with tables of standard errors and intervals.

    Raises
    ------
    FitError
        If fewer than 2 refits count.
    ParameterError
        If an argument is out of its range.

    References
    ----------
    Hair, J. F., Hult, G. T. M., Ringle, C. M. and Sarstedt, M. (2022), *A Primer on Partial Least
    Squares Structural Equation Modeling*, chapter 5 (sign changes of resamples). Efron, B.
    (1987), Better bootstrap confidence intervals, *Journal of the American Statistical Association*
    82, 171-185.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> survey = pd.DataFrame({"q": [3, 5, 8, 9, 6, 4, 7], "s": [4, 5, 7, 9, 7, 5, 6]})
    >>> model = crm.satisfaction.structural_model({"Q": ["q"], "S": ["s"]}, ["Q -> S"])
    >>> fit = crm.satisfaction.fit_structural(survey, model)
    >>> crm.satisfaction.bootstrap_structural(fit, survey, draws=100, seed=1).size
    100
    """
    one_of("inadmissible", inadmissible, ("drop", "keep"))
    if draws < 2:
        raise ParameterError(f"draws must be 2 or more, not {draws!r}")
    answers = read_answers(survey, fit.model.items, fit.reading)
    # matrices of one resample are small: a second thread would spend its time waiting
    with _thread_pools().limit(limits=1, user_api="blas"):
        mean, covariance = resampled_moments(answers, draws=draws, seed=seed)
        found = _refitted(fit, mean, covariance, inadmissible)
        return _with_left_out(found, *left_out_moments(answers, seed=seed)) if bca else found


@cache
def _thread_pools() -> ThreadpoolController:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _refitted(
    fit: StructuralFit, mean: Floats, covariance: Floats, inadmissible: str
) -> StructuralBootstrap:
    layout = layout_of(fit.model)
    deviation, correlations = correlations_of(covariance)
    varied = np.isfinite(correlations).all(axis=(1, 2))
    drawn = [each[varied] for each in (mean, deviation, correlations)]
    weights, settled = _weights(fit, drawn[1], drawn[2], layout)
    drawn, weights = [each[settled] for each in drawn], weights[settled]
    whole = _solution(fit, drawn, weights, layout)
    possible = admissible(whole)
    drop = inadmissible == "drop"
    failed = {
        "an item did not vary": int((~varied).sum()),
        "did not settle": int((~settled).sum()),
        f"inadmissible ({'left out' if drop else 'kept'})": int((~possible).sum()),
    }
    if drop and not possible.all():
        whole = _solution(fit, [each[possible] for each in drawn], weights[possible], layout)
    if len(whole.weights) < 2:
        raise FitError(
            f"of {len(mean)} refits {len(whole.weights)} can be used: {failed}. If the fit itself "
            "is inadmissible, so are its refits: see fit.admissibility, or say inadmissible='keep'."
        )
    return StructuralBootstrap(fit, len(mean), whole, failed)


def _with_left_out(
    resampled: StructuralBootstrap, mean: Floats, covariance: Floats, parts: Parts
) -> StructuralBootstrap:
    """Add the refits of a jackknife; those that cannot be made say nothing of skewness."""
    fit, layout = resampled.fit, layout_of(resampled.fit.model)
    deviation, correlations = correlations_of(covariance)
    varied = np.isfinite(correlations).all(axis=(1, 2))
    drawn = [each[varied] for each in (mean, deviation, correlations)]
    weights, settled = _weights(fit, drawn[1], drawn[2], layout)
    solution = _solution(fit, [each[settled] for each in drawn], weights[settled], layout)
    kept = np.flatnonzero(varied)[settled]
    left = Parts(parts.stratum[kept], parts.size[kept])
    return replace(resampled, left_out=solution, parts=left)


def _weights(
    fit: StructuralFit, deviation: Floats, correlations: Floats, layout: Layout
) -> tuple[Floats, Flags]:
    """Return weights of standardised items for each draw, and whether they settled."""
    matrices, start, unit = correlations, fit.item_weights, np.ones_like(deviation)
    if not fit.how.standardise:
        matrices = correlations * deviation[:, :, None] * deviation[:, None, :]
        start, unit = start / np.sqrt(np.diag(fit.moments.covariance)), deviation
    found = outer_weights(
        matrices,
        layout,
        fit.how.scheme,
        tolerance=fit.how.tolerance,
        most=fit.how.max_iterations,
        start=start,
    )
    return _aligned(found.each * unit, correlations, fit.item_weights, layout), found.converged


def _solution(
    fit: StructuralFit, drawn: Sequence[Floats], weights: Floats, layout: Layout
) -> Solution:
    mean, deviation, correlations = drawn
    consistent = fit.how.consistent
    return solution_of(mean, deviation, correlations, weights, layout, consistent=consistent)


def _aligned(weights: Floats, correlations: Floats, own: Floats, layout: Layout) -> Floats:
    """Turn composites to correlate positively with those of the fit's own weights."""
    across = correlations @ (weights[..., None] * layout.member) * layout.member
    agreement = np.einsum("k,...kj->...j", own, across)
    sign = np.where(agreement < 0, -1.0, 1.0)
    return np.asarray(weights * sign[..., layout.own])
