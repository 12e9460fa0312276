"""From satisfaction to loyalty: the link estimated in several forms, and the forms compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from crmanalytics.errors import FitError, ParameterError
from crmanalytics.frames import as_float, column_like
from crmanalytics.frames.contract import Column, Contract, Kind
from crmanalytics.frames.eager import admit_eager
from crmanalytics.inference import read_sample, wilson_interval
from crmanalytics.loyalty.link_forms import FORMS, Counts, log_score, profile_breaks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from crmanalytics.inference import Sample
    from crmanalytics.loyalty.link_forms import Fitted

    Floats = NDArray[np.float64]

__all__ = ["SatisfactionLink", "satisfaction_link"]

_ALL: Final = tuple(FORMS)


@dataclass(frozen=True, eq=False)
class SatisfactionLink:
    """How likely customers are to be loyal, by how satisfied they are.

    Parameters
    ----------
    curve : DataFrame
        One row per level of satisfaction: ``satisfaction``, ``n``, ``share`` (loyal ones),
        ``low``, ``high`` (Wilson), and a column of probabilities per form.
    comparison : DataFrame
        One row per form, the best first: ``form``, ``parameters``, ``log_likelihood`` and ``aic``
        of who is loyal, ``log_score`` (mean log-probability in cross-validation) and its ``se``.
    estimates : DataFrame
        ``form``, ``parameter``, ``estimate``, ``se``, ``low``, ``high``; the interval of a break
        is that of the profile likelihood.
    forms : dict of str to Fitted
        The fitted forms.

    Examples
    --------
    >>> import pandas as pd
    >>> survey = pd.DataFrame({"happy": [1, 2, 3, 4, 5] * 40})
    >>> survey = survey.assign(again=(survey["happy"] + survey.index % 4 > 5).astype(int))
    >>> satisfaction_link(survey, "happy", "again", forms=["isotonic"]).curve["share"].to_list()
    [0.0, 0.0, 0.25, 0.5, 0.75]
    """

    curve: Any
    comparison: Any
    estimates: Any
    forms: dict[str, Fitted]

    def probability(self, customers: Any, satisfaction: str, form: str | None = None) -> Any:  # noqa: ANN401 - any eager frame in, its Series out
        """Return the chance of loyalty of each customer.

        Parameters
        ----------
        customers : DataFrame
            With a column of satisfaction, in the units of the survey.
        satisfaction : str
            That column; missing answers give missing chances.
        form : str, optional
            Which form; the best one in cross-validation otherwise.

        Returns
        -------
        Series
            Aligned with the frame.

        Raises
        ------
        ParameterError
            If the form was not fitted.

        Examples
        --------
        >>> import pandas as pd
        >>> survey = pd.DataFrame({"happy": [1, 2, 3, 4, 5] * 40})
        >>> survey = survey.assign(again=(survey["happy"] + survey.index % 4 > 5).astype(int))
        >>> link = satisfaction_link(survey, "happy", "again", forms=["isotonic"])
        >>> link.probability(pd.DataFrame({"happy": [4.5, None]}), "happy").to_list()
        [0.625, nan]
        """
        name = str(self.comparison["form"].iloc[0]) if form is None else form
        if name not in self.forms:
            raise ParameterError(f"form must be one of {', '.join(self.forms)}, not {form!r}")
        columns = (Column(satisfaction, Kind.NUMBER, nullable=True),)
        own = admit_eager(customers, Contract(frame="customers", columns=columns))
        given = as_float(own, satisfaction)
        return column_like(own, "loyalty_probability", self.forms[name].probability(given))


def satisfaction_link(
    survey: Any,  # noqa: ANN401 - any eager frame
    satisfaction: str,
    loyalty: str,
    *,
    loyal_from: float = 1,
    forms: Sequence[str] = _ALL,
    weight: str | None = None,
    no_answer: Sequence[float] = (),
    folds: int = 5,
    level: float = 0.95,
    seed: int = 0,
) -> SatisfactionLink:
    """Estimate how loyalty depends on satisfaction, and which form of the link holds best.

    Whether loyalty rises evenly, leaps at the top, or is flat over a zone of indifference, decides
    what one more point of satisfaction is worth: so the form is not assumed.

    Parameters
    ----------
    survey : DataFrame
        One row per customer.
    satisfaction : str
        Column of answers, more being better.
    loyalty : str
        Column of an ordered outcome: whether the customer bought again (1 or 0), or an intention
        on a scale.
    loyal_from : float
        From where on the outcome counts as loyal.
    forms : sequence of str
        ``isotonic`` (never falling), ``logistic``, ``segmented`` (its slope changes once) and
        ``ordered`` (a proportional-odds model of the whole outcome).
    weight : str, optional
        Column of weights. Likelihoods and errors take them as numbers of customers, scaled to the
        number of rows.
    no_answer : sequence of float
        Codes that stand for no answer, in either column.
    folds : int
        Parts of the cross-validation.
    level : float
        Confidence level.
    seed : int
        Start of the random numbers that make the folds.

    Returns
    -------
    SatisfactionLink
        Curve, comparison and estimates.

    Raises
    ------
    DataError
        If columns are missing or hold no numbers.
    FitError
        If everybody or nobody is loyal, or levels are too few for a form.
    ConvergenceError
        If a form has no inner maximum.
    ParameterError
        If an argument is wrong.

    References
    ----------
    Anderson, E. W. and Mittal, V. (2000), "Strengthening the satisfaction-profit chain", Journal
    of Service Research 3(2), 107-120; McCullagh, P. (1980), "Regression models for ordinal data",
    Journal of the Royal Statistical Society B 42(2), 109-142.

    Examples
    --------
    >>> import pandas as pd
    >>> survey = pd.DataFrame({"happy": [1, 2, 3, 4, 5] * 40})
    >>> survey = survey.assign(again=(survey["happy"] + survey.index % 4 > 5).astype(int))
    >>> link = satisfaction_link(survey, "happy", "again", forms=["isotonic", "logistic"])
    >>> link.comparison[["form", "parameters", "log_likelihood"]].round(1)
           form  parameters  log_likelihood
    0  logistic           2           -76.1
    1  isotonic           4           -72.7
    """
    unknown = [form for form in forms if form not in FORMS]
    if unknown or not len(forms) or len(set(forms)) < len(forms):
        raise ParameterError(
            f"forms must be of {', '.join(FORMS)}, none of them twice, not {list(forms)}"
        )
    sample = read_sample(
        survey, [satisfaction, loyalty], weight=weight, no_answer=no_answer, level=level
    )
    rows = _rows(sample, satisfaction, loyalty)
    counts = _counts(*rows, loyal_from)
    if not 0 < counts.loyal.sum() < counts.number.sum():
        raise FitError("nobody, or everybody, is loyal: there is no link to estimate")
    if not 2 <= folds <= len(rows[0]):
        raise ParameterError(f"folds must be from 2 to the number of rows, not {folds!r}")
    fitted = {form: FORMS[form](counts) for form in forms}
    scores = _cross_validated(rows, loyal_from, forms, folds, seed)
    comparison = _compared(fitted, counts, scores)
    return SatisfactionLink(
        _curve(fitted, counts, level), comparison, _estimates(fitted, counts, level), fitted
    )


def _rows(sample: Sample, satisfaction: str, loyalty: str) -> tuple[Floats, Floats, Floats]:
    """Return answers, outcomes and weights of complete rows, whatever their order was."""
    given, came = sample.answers(satisfaction), sample.answers(loyalty)
    known = np.flatnonzero(~np.isnan(given) & ~np.isnan(came) & (sample.weight > 0))
    order = known[np.lexsort((sample.weight[known], came[known], given[known]))]
    weight = sample.weight[order]
    return given[order], came[order], weight * (len(order) / weight.sum())


def _counts(given: Floats, came: Floats, weight: Floats, loyal_from: float) -> Counts:
    levels, row = np.unique(given, return_inverse=True)
    outcomes, column = np.unique(came, return_inverse=True)
    cells = row * len(outcomes) + column
    table: Floats = np.zeros(len(levels) * len(outcomes))
    np.add.at(table, cells, weight)
    first = int(np.searchsorted(outcomes, loyal_from))
    return Counts(levels, table.reshape(len(levels), len(outcomes)), first)


def _cross_validated(
    rows: tuple[Floats, Floats, Floats],
    loyal_from: float,
    forms: Sequence[str],
    folds: int,
    seed: int,
) -> dict[str, tuple[float, float]]:
    """Return each form's mean log-probability of what it had not seen, and its standard error."""
    given, came, weight = rows
    part = np.random.default_rng(seed).permutation(len(given)) % folds
    found: dict[str, list[Floats]] = {form: [] for form in forms}
    for k in range(folds):
        seen = part != k
        known = _counts(given[seen], came[seen], weight[seen], loyal_from)
        loyal = came[~seen] >= loyal_from
        for form in forms:
            chance = np.clip(FORMS[form](known).probability(given[~seen]), 1e-12, 1 - 1e-12)
            found[form].append(
                np.column_stack([np.where(loyal, np.log(chance), np.log1p(-chance)), weight[~seen]])
            )
    return {form: _mean(np.concatenate(parts)) for form, parts in found.items()}


def _mean(scored: Floats) -> tuple[float, float]:
    values, weight = scored.T
    mean = float(np.average(values, weights=weight))
    error = float(np.sqrt((weight**2 * (values - mean) ** 2).sum()) / weight.sum())
    return mean, error


def _compared(
    fitted: dict[str, Fitted], counts: Counts, scores: dict[str, tuple[float, float]]
) -> pd.DataFrame:
    heights = {form: float(log_score(each, counts).sum()) for form, each in fitted.items()}
    table = pd.DataFrame(
        {
            "form": list(fitted),
            "parameters": [each.freedom for each in fitted.values()],
            "log_likelihood": list(heights.values()),
            "aic": [2 * fitted[form].freedom - 2 * heights[form] for form in fitted],
            "log_score": [scores[form][0] for form in fitted],
            "se": [scores[form][1] for form in fitted],
        }
    )
    return table.sort_values("log_score", ascending=False, kind="stable", ignore_index=True)


def _curve(fitted: dict[str, Fitted], counts: Counts, level: float) -> pd.DataFrame:
    low, high = wilson_interval(counts.loyal, counts.number, level)
    table = {
        "satisfaction": counts.levels,
        "n": counts.number,
        "share": counts.loyal / counts.number,
        "low": low,
        "high": high,
    }
    return pd.DataFrame(table | {k: f.probability(counts.levels) for k, f in fitted.items()})


def _estimates(fitted: dict[str, Fitted], counts: Counts, level: float) -> pd.DataFrame:
    """Return parameters with their standard errors and intervals, where there are any."""
    from scipy.stats import chi2

    from crmanalytics.inference import normal_interval

    rows: list[tuple[Any, ...]] = []
    for form, each in fitted.items():
        errors = [np.nan] * len(each.parameters)
        if each.covariance is not None:
            known = np.sqrt(np.diag(each.covariance))
            errors[: len(known)] = [float(error) for error in known]
        for (name, value), error in zip(each.parameters.items(), errors, strict=True):
            low, high = (
                float(x[0]) for x in normal_interval(np.array([value]), np.array([error]), level)
            )
            if name == "break":
                breaks, heights = profile_breaks(counts)
                near = breaks[heights >= heights.max() - chi2.ppf(level, 1) / 2]
                low, high = float(near.min()), float(near.max())
            rows.append((form, name, value, error, low, high))
    names = ["form", "parameter", "estimate", "se", "low", "high"]
    return pd.DataFrame(rows, columns=names)
