"""What drives a construct beside how well one does in it: from a structural model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from crmanalytics import columns as c
from crmanalytics.errors import ParameterError
from crmanalytics.inference import check_level
from crmanalytics.satisfaction.quadrants import QUADRANTS, check_cut, placed
from crmanalytics.satisfaction.structural.index import performance
from crmanalytics.satisfaction.structural.quantities import Quantity, quantity
from crmanalytics.satisfaction.structural.scores import check_range, from_0_to_100, index_weights
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.satisfaction.quadrants import Cut
    from crmanalytics.satisfaction.structural.bootstrap import StructuralBootstrap
    from crmanalytics.satisfaction.structural.fit import StructuralFit
    from crmanalytics.satisfaction.structural.intervals import Interval
    from crmanalytics.satisfaction.structural.model import StructuralModel
    from crmanalytics.satisfaction.structural.solution import Solution

    Floats = NDArray[np.float64]

__all__ = ["importance_performance", "importance_performance_bootstrap"]

_IMPORTANCE: Final = "importance"
_PERFORMANCE: Final = "performance"


def importance_performance(
    fit: StructuralFit,
    *,
    scale: tuple[float, float],
    target: str = "Satisfaction",
    items: bool = False,
) -> pd.DataFrame:
    """Set what drives a construct beside how well one does in it: where to improve first.

    Parameters
    ----------
    fit : StructuralFit
        The fit, whose moments have means.
    scale : tuple of float
        Lowest and highest possible answer.
    target : str
        What is to be improved.
    items : bool
        Whether to say it of single items rather than of constructs.

    Returns
    -------
    pandas.DataFrame
        ``construct`` (and ``item``), ``importance`` (points of the target's index gained per point
        of the driver's, all ways together), ``importance_standardised`` (the same per standard
        deviation) and ``performance`` (its index, 0 to 100), the most important first.

    Raises
    ------
    ParameterError
        If nothing drives the target, or an argument is out of its range.
    FitError
        If weights are negative.

    See Also
    --------
    crmanalytics.satisfaction.importance_performance_bootstrap : How sure both are.

    References
    ----------
    Ringle, C. M. and Sarstedt, M. (2016), Gain more insight from your PLS-SEM results: the
    importance-performance map analysis, *Industrial Management & Data Systems* 116, 1865-1886.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> survey = pd.DataFrame({"q": [3, 5, 8, 9, 6], "s": [4, 5, 7, 9, 7]})
    >>> model = crm.satisfaction.structural_model({"Q": ["q"], "S": ["s"]}, ["Q -> S"])
    >>> fit = crm.satisfaction.fit_structural(survey, model)
    >>> importance_performance(fit, scale=(1, 9), target="S").round(2)
      construct  importance  importance_standardised  performance
    0         Q        0.77                     0.95         65.0
    """
    _check_target(fit, target)
    found = _map(fit.model, fit.solution, target, check_range(scale), items=items)
    table = pd.DataFrame({**found.labels, **found.metrics})
    return table.sort_values(
        [_IMPORTANCE, "construct"], ascending=[False, True], ignore_index=True, kind="stable"
    )


def importance_performance_bootstrap(
    resampled: StructuralBootstrap,
    *,
    scale: tuple[float, float],
    target: str = "Satisfaction",
    items: bool = False,
    cut: Cut = "mean",
    level: float = 0.95,
    interval: Interval = "percentile",
) -> pd.DataFrame:
    """Say how sure it is what matters, how well it is done, and what to improve first.

    The lines between the quadrants move with all drivers, so they are drawn anew in each refit.

    Parameters
    ----------
    resampled : StructuralBootstrap
        What :func:`bootstrap_structural` returned.
    scale, target, items
        As for :func:`importance_performance`.
    cut : {"mean", "median"} or pair of float
        Where the lines are: at the mean or the median of the drivers, or at an importance and a
        performance of your own.
    level : float
        Confidence level.
    interval : {"percentile", "basic", "normal", "bca"}
        How bounds are made of the refits.

    Returns
    -------
    pandas.DataFrame
        As of :func:`importance_performance_analysis`: per ``attribute`` (a construct or an item)
        the tidy columns, ``quadrant`` and the lines. Metrics are ``importance``, ``performance``,
        and per quadrant its probability. :func:`priority_matrix` makes one row per attribute of it,
        and ``plots.plot_priorities`` draws that.

    Raises
    ------
    ParameterError
        If nothing drives the target, or an argument is out of its range.
    FitError
        If weights of the fit are negative.

    References
    ----------
    Ringle, C. M. and Sarstedt, M. (2016), Gain more insight from your PLS-SEM results: the
    importance-performance map analysis, *Industrial Management & Data Systems* 116, 1865-1886.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> survey = pd.DataFrame(
    ...     {"q": [3, 5, 8, 9, 6, 4, 7], "v": [2, 6, 5, 6, 7, 3, 4], "s": [4, 5, 7, 9, 7, 5, 6]}
    ... )
    >>> blocks = {"Q": ["q"], "V": ["v"], "S": ["s"]}
    >>> model = crm.satisfaction.structural_model(blocks, ["Q -> S", "V -> S"])
    >>> fit = crm.satisfaction.fit_structural(survey, model)
    >>> resampled = crm.satisfaction.bootstrap_structural(fit, survey, draws=400, seed=1)
    >>> found = crm.satisfaction.importance_performance_bootstrap(
    ...     resampled, scale=(1, 9), target="S"
    ... )
    >>> crm.satisfaction.priority_matrix(found)[["attribute", "importance", "quadrant"]].round(2)
      attribute  importance               quadrant
    0         Q        0.62  keep up the good work
    1         V        0.18           low priority
    """
    check_cut(cut)
    fit, bounds = resampled.fit, check_range(scale)
    _check_target(fit, target)

    def of(found: Solution) -> Quantity:
        whole = _map(fit.model, found, target, bounds, items=items)
        names = whole.labels["item" if items else "construct"]
        return Quantity(
            {"attribute": names}, {x: whole.metrics[x] for x in (_IMPORTANCE, _PERFORMANCE)}
        )

    numbers = resampled.laid_out(of, level=check_level(level), interval=interval)
    return _with_quadrants(numbers, of(fit.solution), of(resampled.used), cut)


def _check_target(fit: StructuralFit, target: str) -> None:
    """Refuse a target that nothing drives, and items whose weights are negative."""
    one_of("target", target, fit.model.constructs)
    index_weights(fit, "unstandardised")
    if not any(end == target for _, end in fit.model.paths):
        raise ParameterError(f"nothing drives {target!r} in this model: choose another target")


def _map(
    model: StructuralModel,
    found: Solution,
    target: str,
    scale: tuple[float, float],
    *,
    items: bool,
) -> Quantity:
    """Return importance and performance of what drives the target, constructs or their items."""
    effects = quantity("effects", model, found, 0)
    at = [k for k, end in enumerate(effects.labels["target"]) if end == target]
    place = [model.constructs.index(effects.labels["source"][k]) for k in at]
    importance, standardised = (effects.metrics[x][..., at] for x in ("total_answers", "total"))
    labels = {"construct": [model.constructs[k] for k in place]}
    if not items:
        index = performance(found, "unstandardised", scale)[..., place]
    else:
        kept = np.flatnonzero(np.isin(found.layout.own, place))
        of = [place.index(k) for k in found.layout.own[kept]]
        importance = importance[..., of] * found.answer_weights[..., kept]
        standardised = standardised[..., of] * found.weights[..., kept]
        index = from_0_to_100(found.mean[..., kept], scale)
        labels = {
            "construct": [labels["construct"][k] for k in of],
            "item": [model.items[k] for k in kept],
        }
    return Quantity(
        labels,
        {
            _IMPORTANCE: importance,
            "importance_standardised": standardised,
            _PERFORMANCE: index,
        },
    )


def _with_quadrants(
    numbers: pd.DataFrame, estimate: Quantity, refits: Quantity, cut: Cut
) -> pd.DataFrame:
    """Add in which share of the refits each attribute is in each quadrant; rows by attribute."""
    own, drawn = (
        placed(each.metrics[_IMPORTANCE], each.metrics[_PERFORMANCE], cut)
        for each in (estimate, refits)
    )
    size, draws = len(numbers) // 2, len(drawn.importance)
    parts = [numbers]
    for quadrant, name in QUADRANTS.items():
        share = drawn.inside(quadrant).mean(axis=0)
        error = np.sqrt(share * (1 - share) / draws)
        part = numbers.iloc[:size].copy()
        part[c.METRIC] = f"p_{name.replace(' ', '_')}"
        part[c.ESTIMATE], part[c.SE] = share, error
        part[c.LOW] = part[c.HIGH] = np.nan
        part[c.METHOD] = f"share of {draws} draws"
        parts.append(part)
    # from metric by metric to attribute by attribute
    order = np.arange((len(QUADRANTS) + 2) * size).reshape(-1, size).T.ravel()
    table = pd.concat(parts, ignore_index=True).iloc[order].reset_index(drop=True)
    times = len(order) // size
    table["quadrant"] = np.repeat(np.array(own.names(), dtype=object), times).tolist()
    for name, line in zip((_IMPORTANCE, _PERFORMANCE), own.cuts, strict=True):
        table[f"{name}_cut"] = float(line)
    return table
