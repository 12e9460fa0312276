"""The satisfaction index from 0 to 100, with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.inference import check_level
from crmanalytics.inference.estimates import estimate_means
from crmanalytics.inference.sample import read_sample
from crmanalytics.inference.tidy import tidy
from crmanalytics.satisfaction.structural.answers import read_answers
from crmanalytics.satisfaction.structural.quantities import Quantity
from crmanalytics.satisfaction.structural.scores import check_range, from_0_to_100, index_weights
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from crmanalytics.satisfaction.structural.bootstrap import StructuralBootstrap
    from crmanalytics.satisfaction.structural.fit import StructuralFit
    from crmanalytics.satisfaction.structural.intervals import Interval
    from crmanalytics.satisfaction.structural.scores import IndexWeights
    from crmanalytics.satisfaction.structural.solution import Solution

    Floats = NDArray[np.float64]

__all__ = ["index_bootstrap", "performance", "satisfaction_index"]


def satisfaction_index(
    fit: StructuralFit,
    survey: Any,  # noqa: ANN401 - any eager frame
    *,
    scale: tuple[float, float],
    weights: IndexWeights,
    construct: str = "Satisfaction",
    by: str | Sequence[str] | None = None,
    raked: str | Sequence[str] = (),
    base_weight: str | None = None,
    level: float = 0.95,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say how satisfied customers are, from 0 to 100, for everyone or by group, with intervals.

    The index is the weighted mean answer of the construct's items, less the lowest possible answer,
    by the width of the scale. Which weights is a choice that moves the result: it has no default.

    Parameters
    ----------
    fit : StructuralFit
        The fit whose weights are used; they are taken as known (their own uncertainty is in
        :func:`index_bootstrap`).
    survey : DataFrame
        One row per respondent; read as for the fit, with its weights and design.
    scale : tuple of float
        Lowest and highest possible answer, such as ``(1, 10)``.
    weights : {"unstandardised", "standardised", "equal"}
        The rule of the American index, weights by the items' standard deviation, made to sum to 1;
        the weights of standardised items, made to sum to 1; or all items alike.
    construct : str
        Which construct.
    by : str or sequence of str, optional
        Columns to group by.
    raked, base_weight : str or sequence of str, and str, optional
        Columns that the weights were raked to, and the weights before.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        Of the survey's kind: the groups, then ``metric, estimate, se, low, high, n, n_effective,
        n_missing, method``.

    Raises
    ------
    ParameterError
        If the construct, the rule or the scale is none.
    FitError
        If weights are negative, so that the index could leave its scale.
    DataError
        If the survey lacks answers.

    References
    ----------
    Fornell, C., Johnson, M. D., Anderson, E. W., Cha, J. and Bryant, B. E. (1996), The American
    Customer Satisfaction Index, *Journal of Marketing* 60, 7-18, appendix.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> survey = pd.DataFrame({"q": [3, 5, 8, 9, 6], "s": [4, 5, 7, 9, 7], "unit": list("aabbb")})
    >>> model = crm.satisfaction.structural_model({"Q": ["q"], "Joy": ["s"]}, ["Q -> Joy"])
    >>> fit = crm.satisfaction.fit_structural(survey, model)
    >>> crm.satisfaction.satisfaction_index(
    ...     fit, survey, scale=(1, 9), weights="equal", construct="Joy", by="unit"
    ... )[["unit", "estimate", "se", "n"]].round(2)
      unit  estimate    se  n
    0    a     43.75  6.25  2
    1    b     83.33  8.33  3
    """
    bounds = check_range(scale)
    own = _items_of(fit, construct)
    chosen = index_weights(fit, weights, [construct])[own]
    answers = read_answers(survey, fit.model.items, fit.reading)
    values = np.full(len(answers.kept), np.nan)
    values[answers.kept] = from_0_to_100(answers.matrix[:, own] @ chosen, bounds)
    sample = read_sample(
        survey,
        [],
        by=by,
        weight=fit.reading.weight,
        strata=fit.reading.strata,
        clusters=fit.reading.clusters,
        raked=raked,
        base_weight=base_weight,
        level=level,
    )
    return tidy(sample, {f"index:{construct}": estimate_means(sample, values)})


def _items_of(fit: StructuralFit, construct: str) -> NDArray[np.int64]:
    one_of("construct", construct, fit.model.constructs)
    owner = np.array([block.construct for block in fit.model.blocks for _ in block.items])
    return np.flatnonzero(owner == construct)


def index_bootstrap(
    resampled: StructuralBootstrap,
    *,
    scale: tuple[float, float],
    weights: IndexWeights,
    level: float = 0.95,
    interval: Interval = "percentile",
) -> pd.DataFrame:
    """Return the index of every construct, with intervals that know that weights are estimates.

    Parameters
    ----------
    resampled : StructuralBootstrap
        What :func:`bootstrap_structural` returned: the weights of each refit apply to its resample.
    scale, weights
        As for :func:`satisfaction_index`.
    level : float
        Confidence level.
    interval : {"percentile", "basic", "normal", "bca"}
        How bounds are made of the refits.

    Returns
    -------
    pandas.DataFrame
        ``construct``, then ``metric, estimate, se, low, high, n, n_effective, n_missing, method``.

    Raises
    ------
    ParameterError
        If an argument is out of its range.
    FitError
        If weights of the fit are negative.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> survey = pd.DataFrame({"q": [3, 5, 8, 9, 6, 4, 7], "s": [4, 5, 7, 9, 7, 5, 6]})
    >>> model = crm.satisfaction.structural_model({"Q": ["q"], "S": ["s"]}, ["Q -> S"])
    >>> fit = crm.satisfaction.fit_structural(survey, model)
    >>> resampled = crm.satisfaction.bootstrap_structural(fit, survey, draws=400, seed=1)
    >>> found = crm.satisfaction.index_bootstrap(resampled, scale=(1, 10), weights="equal")
    >>> found[["construct", "estimate", "se"]].round(1)
      construct  estimate   se
    0         Q      55.6  8.8
    1         S      57.1  7.0
    """
    index_weights(resampled.fit, weights)
    bounds = check_range(scale)
    names = list(resampled.fit.model.constructs)

    def of(found: Solution) -> Quantity:
        return Quantity({"construct": names}, {"index": performance(found, weights, bounds)})

    return resampled.laid_out(of, level=check_level(level), interval=interval)


def performance(found: Solution, rule: IndexWeights, scale: tuple[float, float]) -> Floats:
    """Return the index of each construct, from 0 to 100, from the items' means."""
    raw = {
        "unstandardised": found.weights / found.deviation,
        "standardised": found.weights,
        "equal": np.ones_like(found.weights),
    }[rule]
    mean = (found.mean * found.shares(raw)) @ found.layout.member
    return from_0_to_100(mean, scale)
