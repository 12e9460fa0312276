"""Estimating a structural model: from a survey, or from a published matrix."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.errors import ConvergenceError, InvalidValuesError, ParameterError
from crmanalytics.satisfaction.structural.algorithm import outer_weights
from crmanalytics.satisfaction.structural.answers import (
    Reading,
    moments_of,
    read_answers,
)
from crmanalytics.satisfaction.structural.estimation import Estimation
from crmanalytics.satisfaction.structural.fit import StructuralFit
from crmanalytics.satisfaction.structural.layout import layout_of
from crmanalytics.satisfaction.structural.model import StructuralModel
from crmanalytics.satisfaction.structural.solution import correlations_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from crmanalytics.satisfaction.structural.algorithm import Scheme
    from crmanalytics.satisfaction.structural.answers import (
        Missing,
        Moments,
    )
    from crmanalytics.satisfaction.structural.layout import Layout

    Floats = NDArray[np.float64]

__all__ = ["fit_structural", "fit_structural_moments", "oriented", "refitted_effect_sizes"]

_ALIKE = 1e-9  # sums of items that correlate as closely as this to 1 are the same


def fit_structural(
    survey: Any,  # noqa: ANN401 - any eager frame
    model: StructuralModel,
    *,
    scheme: Scheme = "path",
    consistent: bool = False,
    standardise: bool = True,
    weight: str | None = None,
    strata: str | None = None,
    clusters: str | None = None,
    missing: Missing = "refuse",
    no_answer: Sequence[float] = (),
    scale: tuple[float, float] | None = None,
    tolerance: float = 1e-10,
    max_iterations: int = 1000,
) -> StructuralFit:
    """Estimate what drives what in a survey, by partial least squares (PLS path modelling).

    Parameters
    ----------
    survey : DataFrame
        One row per respondent, the model's items as columns of numbers.
    model : StructuralModel
        From :func:`ecsi` or :func:`structural_model`.
    scheme : {"path", "factorial", "centroid"}
        How a construct's neighbours are weighted on the way to its own items' weights: by
        regression and correlation, by correlation, or by the correlation's sign.
    consistent : bool
        Whether to correct for the noise of few items (PLSc), as if constructs were common factors.
        See ``admissibility`` of what comes back: the correction may ask for the impossible.
    standardise : bool
        Whether items count alike on the way to the weights; otherwise those whose answers vary more
        count for more, which needs one scale for all items of a construct.
    weight, strata, clusters : str, optional
        Columns of the sample's design.
    missing : {"refuse", "listwise", "mean"}
        What to do about missing answers: raise, leave such rows out, or put the item's mean in.
    no_answer : sequence of float
        Codes that stand for no answer, such as 99 for 'do not know'.
    scale : tuple of float, optional
        Lowest and highest answer: others are an error.
    tolerance : float
        How far the largest weight may still be from its limit; the bound is proven by the rate at
        which steps shrink.
    max_iterations : int
        Iterations at most.

    Returns
    -------
    StructuralFit
        Weights with tables of all that follows.

    Raises
    ------
    DataError
        If items are missing or out of range, do not vary, or repeat one another.
    ConvergenceError
        If the iterations do not settle.

    References
    ----------
    Tenenhaus, M., Esposito Vinzi, V., Chatelin, Y.-M. and Lauro, C. (2005), PLS path modeling,
    *Computational Statistics & Data Analysis* 48, 159-205.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> survey = pd.DataFrame({"q1": [3, 5, 8, 9, 6], "q2": [2, 6, 7, 9, 5], "s": [4, 5, 7, 9, 7]})
    >>> model = crm.satisfaction.structural_model({"Q": ["q1", "q2"], "S": ["s"]}, ["Q -> S"])
    >>> survey.pipe(crm.satisfaction.fit_structural, model).paths.round(3)
      source target  path     f2  vif
    0      Q      S  0.92  5.502  1.0
    """
    reading = Reading(weight, strata, clusters, missing, tuple(map(float, no_answer)), scale)
    moments = moments_of(read_answers(survey, model.items, reading), model.items)
    how = Estimation(scheme, consistent, standardise, tolerance, max_iterations)
    return _fitted(moments, model, how, reading)


def fit_structural_moments(
    moments: Moments,
    model: StructuralModel,
    *,
    scheme: Scheme = "path",
    consistent: bool = False,
    standardise: bool = True,
    tolerance: float = 1e-10,
    max_iterations: int = 1000,
) -> StructuralFit:
    """Estimate a structural model from a published matrix of covariances or correlations.

    Parameters
    ----------
    moments : Moments
        The matrix with the names of its items.
    model : StructuralModel
        From :func:`ecsi` or :func:`structural_model`.
    scheme, consistent, standardise, tolerance, max_iterations
        As for :func:`fit_structural`.

    Returns
    -------
    StructuralFit
        As from :func:`fit_structural`.

    Raises
    ------
    ParameterError
        If the matrix lacks items of the model.
    InvalidValuesError
        If it is no matrix of covariances, or items repeat one another.
    ConvergenceError
        If the iterations do not settle.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> model = crm.satisfaction.structural_model({"X": ["x"], "Y": ["y"]}, ["X -> Y"])
    >>> moments = crm.satisfaction.Moments.of(["x", "y"], [[1.0, 0.3], [0.3, 1.0]], n=50)
    >>> crm.satisfaction.fit_structural_moments(moments, model).r2.round(3)
      construct    r2  r2_adjusted
    0         Y  0.09        0.071
    """
    lacking = [name for name in model.items if name not in moments.items]
    if lacking:
        raise ParameterError(f"the moments lack items of the model: {lacking}")
    place = [moments.items.index(name) for name in model.items]
    own = replace(
        moments,
        items=model.items,
        mean=moments.mean[place],
        covariance=moments.covariance[np.ix_(place, place)],
    )
    if (np.diag(own.covariance) <= 0).any() or np.linalg.eigvalsh(own.covariance)[0] < -1e-8:
        raise InvalidValuesError("these are no covariances: variances or eigenvalues are negative")
    how = Estimation(scheme, consistent, standardise, tolerance, max_iterations)
    return _fitted(own, model, how, Reading())


def _fitted(
    moments: Moments, model: StructuralModel, how: Estimation, reading: Reading
) -> StructuralFit:
    layout = layout_of(model)
    deviation, correlations = correlations_of(moments.covariance)
    _require_independent(correlations, model)
    matrix = correlations if how.standardise else moments.covariance
    found = outer_weights(
        matrix[None], layout, how.scheme, tolerance=how.tolerance, most=how.max_iterations
    )
    if not found.converged[0]:
        _refuse_alike(moments, layout, model)
        raise ConvergenceError(
            f"the weights did not settle in {how.max_iterations} iterations of scheme "
            f"{how.scheme!r}. Try another scheme, or look for constructs that hardly correlate "
            "with those that they have paths to."
        )
    each = found.each if how.standardise else found.each * deviation
    weights = oriented(each, correlations[None], layout.member)[0]
    return StructuralFit(
        model, moments, weights, how, reading, int(found.iterations[0]), float(found.shortfall[0])
    )


def _refuse_alike(moments: Moments, layout: Layout, model: StructuralModel) -> None:
    """Say that two constructs are one, if sums of their items are, whatever the weights."""
    correlations = correlations_of(moments.covariance)[1]
    sums = layout.member.T @ correlations @ layout.member
    size = np.sqrt(np.diag(sums))
    together = np.triu(np.abs(sums / np.outer(size, size)), 1)
    pairs = np.argwhere(together > 1 - _ALIKE)
    if len(pairs):
        one, other = (model.constructs[k] for k in pairs[0])
        raise InvalidValuesError(
            f"the answers of {other!r} repeat those of {one!r}: what each of them does cannot be "
            "told apart. Leave one of these constructs out."
        )


def oriented(weights: Floats, correlations: Floats, member: Floats) -> Floats:
    """Turn each composite so that it correlates positively with its items, on the whole."""
    loadings = (correlations @ (weights[..., None] * member) * member).sum(axis=-2)
    sign = np.where(loadings < 0, -1.0, 1.0)
    return np.asarray(weights * (member @ sign[..., None])[..., 0])


def _require_independent(correlations: Floats, model: StructuralModel) -> None:
    """Refuse blocks of mode B whose items say the same: their weights are not determined."""
    for block in model.blocks:
        place = [model.items.index(name) for name in block.items]
        if block.mode == "B" and np.linalg.cond(correlations[np.ix_(place, place)]) > 1e12:
            raise InvalidValuesError(
                f"the items of {block.construct!r} repeat one another, so that mode B cannot tell "
                "their weights apart: leave one out, or use mode A."
            )


def refitted_effect_sizes(fit: StructuralFit) -> pd.DataFrame:
    """Ask of each path how much R2 is lost when the model is estimated again without it.

    ``fit.paths["f2"]`` holds the constructs' scores fixed; here the weights may adapt, which some
    programs report under the same name. The two differ little.

    Parameters
    ----------
    fit : StructuralFit
        The fit with all paths.

    Returns
    -------
    pandas.DataFrame
        ``source``, ``target``, ``r2_without`` and ``f2_refitted``. Where the path is the target's
        only one, R2 without it is 0.

    Raises
    ------
    ConvergenceError
        If a smaller model does not settle.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> model = crm.satisfaction.structural_model({"X": ["x"], "Y": ["y"]}, ["X -> Y"])
    >>> moments = crm.satisfaction.Moments.of(["x", "y"], [[1.0, 0.6], [0.6, 1.0]], n=50)
    >>> fit = crm.satisfaction.fit_structural_moments(moments, model)
    >>> refitted_effect_sizes(fit)
      source target  r2_without  f2_refitted
    0      X      Y         0.0       0.5625
    """
    import pandas as pd

    whole = fit.r2.set_index("construct")["r2"]
    less = [_r2_without(fit, path) for path in fit.model.paths]
    full = whole[[target for _, target in fit.model.paths]].to_numpy()
    sources, targets = zip(*fit.model.paths, strict=True)
    return pd.DataFrame(
        {
            "source": sources,
            "target": targets,
            "r2_without": less,
            "f2_refitted": (full - less) / (1 - full),
        }
    )


def _r2_without(fit: StructuralFit, path: tuple[str, str]) -> float:
    kept = tuple(each for each in fit.model.paths if each != path)
    target = path[1]
    if all(end != target for _, end in kept):
        return 0.0
    ends = {end for each in kept for end in each}
    # a construct that had this one path has nothing to be estimated by
    blocks = tuple(block for block in fit.model.blocks if block.construct in ends)
    smaller = fit_structural_moments(
        fit.moments,
        StructuralModel(blocks, kept),
        scheme=fit.how.scheme,
        consistent=fit.how.consistent,
        standardise=fit.how.standardise,
        tolerance=fit.how.tolerance,
        max_iterations=fit.how.max_iterations,
    )
    r2 = dict(zip(smaller.r2["construct"], smaller.r2["r2"], strict=True))
    return float(r2[target])
