"""Raking: weights that give a survey the margins of its population."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import ConvergenceError, ParameterError
from crmanalytics.frames import with_new, with_parameters
from crmanalytics.surveys.margins import read_margins, read_weighted

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from numpy.typing import NDArray

    from crmanalytics.surveys.margins import Margins

    Floats = NDArray[np.float64]

__all__ = ["post_stratify", "rake"]

_HALVINGS: Final = 200
_FAR: Final = 700.0


def rake(
    survey: Any,  # noqa: ANN401 - any eager frame
    targets: Mapping[str, Mapping[Hashable, float]],
    *,
    weight: str | None = None,
    bounds: tuple[float, float] | None = None,
    total: float | None = None,
    name: str = c.WEIGHT,
    tolerance: float = 1e-10,
    rounds: int = 10_000,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Weight a survey so that it has the margins of the population.

    Parameters
    ----------
    survey : DataFrame
        One row per respondent.
    targets : mapping of str to mapping
        For each column, how many people (or which share) each of its categories has in the
        population: ``{"sex": {"f": 0.52, "m": 0.48}, "age": {...}}``. All columns must have the
        same sum.
    weight : str, optional
        Column of base weights, such as those of the sampling design; 1 for everybody otherwise.
    bounds : tuple of float, optional
        Lowest and highest factor by which a base weight may change, after base weights were
        brought to the sum of the targets: (0.3, 3) keeps weights from running away.
    total : float, optional
        What the weights sum to; the sum of the targets otherwise. Pass the number of rows for
        weights that are 1 on average.
    name : str
        Name of the new column.
    tolerance : float
        Largest relative error of any margin that is left.
    rounds : int
        How often to go round before giving up.

    Returns
    -------
    DataFrame
        The survey with the column `name`. For pandas ``attrs["crmanalytics"]["raking"]`` says how
        many rounds it took and the largest relative error of a margin.

    Raises
    ------
    DataError
        If columns are missing, or categories of survey and targets differ.
    ParameterError
        If targets are not positive, sum to different totals, or bounds leave no room around 1.
    ConvergenceError
        If no weights meet the targets. Where that is so for certain (a linear program has no
        solution) the message says so, and which categories are farthest off.

    Notes
    -----
    Of all weights that meet the margins, these are the ones nearest to the base weights, in the
    sense of Kullback and Leibler; with bounds, of those within them. People who are alike in all
    columns of `targets` are one cell, so the work does not grow with the rows.

    References
    ----------
    Deming, W. E. and Stephan, F. F. (1940), "On a least squares adjustment of a sampled frequency
    table when the expected marginal totals are known", Annals of Mathematical Statistics 11(4),
    427-444; Deville, J.-C., Särndal, C.-E. and Sautory, O. (1993), "Generalized raking procedures
    in survey sampling", Journal of the American Statistical Association 88(423), 1013-1020.

    Examples
    --------
    >>> import pandas as pd
    >>> survey = pd.DataFrame({"sex": ["f", "f", "f", "m"], "old": [0, 0, 1, 1]})
    >>> targets = {"sex": {"f": 2, "m": 2}, "old": {0: 1, 1: 3}}
    >>> rake(survey, targets)["weight"].round(6).tolist()
    [0.5, 0.5, 1.0, 2.0]
    """
    low, high = bounds if bounds is not None else (0.0, np.inf)
    if not 0 <= low < 1 < high:
        raise ParameterError(f"bounds must be a factor below 1 and one above it, not {bounds!r}")
    if not tolerance > 0 or rounds < 1:
        raise ParameterError("tolerance must be positive, and rounds at least 1")
    own, base = read_weighted(survey, list(targets), weight)
    margins = read_margins(own, base, targets, total)
    start = margins.base * (margins.targets[0].sum() / margins.base.sum())
    cells, taken, gap = _raked(margins, start, (low, high), tolerance, rounds)
    factor = cells / margins.base
    found = with_new(own, {name: base * factor[margins.of_row]})
    return with_parameters(found, raking={"rounds": taken, "largest_gap": gap})


def _raked(
    margins: Margins, start: Floats, bounds: tuple[float, float], tolerance: float, rounds: int
) -> tuple[Floats, int, float]:
    """Go round the margins until all of them are met at once.

    Each step maximises the concave dual in the multipliers of one margin, so going round climbs
    to the one maximum, where the weights meet the margins.
    """
    height = np.zeros(len(start))
    cells, gap = start, np.inf
    for taken in range(1, rounds + 1):
        for codes, target in zip(margins.codes, margins.targets, strict=True):
            height = height + _step(start, height, codes, target, bounds)[codes]
            cells = start * np.clip(np.exp(height), *bounds)
        gap = max(float(np.abs(each).max()) for each in margins.gaps(cells))
        if gap <= tolerance:
            return cells, taken, gap
        if not np.isfinite(gap) or np.abs(height).max() > _FAR:
            break
    raise ConvergenceError(_why_not(margins, start, bounds, cells, gap))


def _step(
    start: Floats,
    height: Floats,
    codes: NDArray[np.int64],
    target: Floats,
    bounds: tuple[float, float],
) -> Floats:
    """Return what to add to the logarithm of each category's factors to meet its target."""

    def total(shift: Floats) -> Floats:
        factor = np.clip(np.exp(np.clip(height + shift[codes], -_FAR, _FAR)), *bounds)
        found = np.bincount(codes, weights=start * factor, minlength=len(target))
        return found.astype(float)

    if bounds == (0.0, np.inf):
        return np.asarray(np.log(target / total(np.zeros(len(target)))))
    low, high = np.full(len(target), -50.0), np.full(len(target), 50.0)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        short = total(middle) < target
        low, high = np.where(short, middle, low), np.where(short, high, middle)
        if not (high - low > 1e-15 * np.maximum(np.abs(middle), 1)).any():
            break
    # a category that cannot reach its target goes no farther than its bounds
    spread = np.abs(np.log(np.array([max(bounds[0], 1e-20), min(bounds[1], 1e20)]))).max() + 1
    return np.asarray(np.clip((low + high) / 2, -2 * spread, 2 * spread))


def _why_not(
    margins: Margins, start: Floats, bounds: tuple[float, float], cells: Floats, gap: float
) -> str:
    worst = [
        (float(np.abs(each).max()), name, labels[int(np.abs(each).argmax())])
        for each, name, labels in zip(
            margins.gaps(cells), margins.names, margins.labels, strict=True
        )
    ]
    _, name, label = max(worst, key=lambda each: each[0])
    where = f"the farthest off is {name!r} = {label!r}, by {gap:.2g} of its target"
    if _possible(margins, start, bounds):
        return (
            f"raking has not arrived yet: {where}. Weights that meet the targets exist: allow more "
            "rounds, or join categories with few people."
        )
    wider = ", or wider bounds" if bounds != (0.0, np.inf) else ""
    return (
        f"no weights{' within the bounds' if wider else ''} can meet these targets together: "
        f"{where}. Some combinations of categories have nobody in the survey; join "
        f"categories{wider}."
    )


def _possible(margins: Margins, start: Floats, bounds: tuple[float, float]) -> bool:
    """Whether any weights within the bounds meet the margins: a linear program answers."""
    from scipy.optimize import linprog

    rows = [
        codes == np.arange(len(target))[:, None]
        for codes, target in zip(margins.codes, margins.targets, strict=True)
    ]
    wanted = np.concatenate(margins.targets)
    scale = float(wanted.max())
    room = np.outer(start, bounds) / scale
    found = linprog(
        np.zeros(len(start)),
        A_eq=np.concatenate(rows).astype(float),
        b_eq=wanted / scale,
        bounds=[(float(a), float(b)) for a, b in room],
        method="highs",
    )
    # without bounds raking also needs weights above zero, which the program does not ask for
    return bool(found.status == 0)


def post_stratify(
    survey: Any,  # noqa: ANN401 - any eager frame
    by: str | list[str],
    targets: Mapping[Hashable, float],
    *,
    weight: str | None = None,
    total: float | None = None,
    name: str = c.WEIGHT,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Weight a survey so that every cell has its size in the population.

    Parameters
    ----------
    survey : DataFrame
        One row per respondent.
    by : str or list of str
        Columns whose combinations are the cells.
    targets : mapping
        How many people (or which share) each cell has; for several columns the keys are tuples.
    weight, total, name
        As for :func:`rake`.

    Returns
    -------
    DataFrame
        The survey with the column `name`.

    Raises
    ------
    DataError, ParameterError
        As for :func:`rake`. A cell with a target and nobody in the survey cannot be weighted up.

    References
    ----------
    Holt, D. and Smith, T. M. F. (1979), "Post stratification", Journal of the Royal Statistical
    Society A 142(1), 33-46.

    Examples
    --------
    >>> import pandas as pd
    >>> survey = pd.DataFrame({"sex": ["f", "f", "m"], "old": [0, 1, 1]})
    >>> targets = {("f", 0): 20, ("f", 1): 30, ("m", 1): 50}
    >>> post_stratify(survey, ["sex", "old"], targets)["weight"].tolist()
    [20.0, 30.0, 50.0]
    """
    names = [by] if isinstance(by, str) else list(by)
    own, base = read_weighted(survey, names, weight)
    cell = own
    if len(names) > 1:
        import pandas as pd

        joined = list(zip(*(own[each].to_list() for each in names), strict=True))
        labels = pd.Series(joined, dtype=object)
        import narwhals.stable.v2 as nw

        cell = nw.from_native(labels.to_frame("cell"), eager_only=True)
    key = names[0] if len(names) == 1 else "cell"
    margins = read_margins(cell, base, {key: targets}, total)
    factor = margins.targets[0][margins.codes[0]] / margins.base
    return with_new(own, {name: base * factor[margins.of_row]})
