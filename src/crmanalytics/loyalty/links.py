"""From satisfaction to loyalty: the link estimated in several forms, and the forms compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from crmanalytics.errors import ParameterError
from crmanalytics.frames import Shown, as_float, column_like
from crmanalytics.frames.contract import Column, Contract, Kind
from crmanalytics.frames.eager import admit_eager
from crmanalytics.inference import names_of, read_sample
from crmanalytics.loyalty.link_forms import FORMS
from crmanalytics.loyalty.link_tables import Ask, tables_of
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    from crmanalytics.inference import Sample
    from crmanalytics.loyalty.link_forms import Fitted

    Floats = NDArray[np.float64]

__all__ = ["SatisfactionLink", "satisfaction_link"]

_ALL: Final = tuple(FORMS)
_FOLDS: Final = 5


@dataclass(frozen=True, eq=False, repr=False)
class SatisfactionLink(Shown):
    """How likely customers are to be loyal, by how satisfied they are.

    Parameters
    ----------
    curve : DataFrame
        One row per level of satisfaction: ``satisfaction``, ``n``, ``n_effective``, ``share``
        (loyal ones), ``low``, ``high`` (Wilson), and a column of probabilities per form.
    comparison : DataFrame
        One row per form, the best first: ``form``, ``parameters``, ``log_likelihood`` and ``aic``
        of who is loyal, ``log_score`` (mean log-probability in cross-validation) and its ``se``.
        With groups also ``reason``, if a form could not be estimated for one.
    estimates : DataFrame
        ``form`` and the tidy columns, a ``metric`` per parameter; the interval of a break is that
        of the profile likelihood.
    forms : dict of str to Fitted
        The fitted forms; empty with groups.
    by : tuple of str
        Columns of groups; the first ones of all three frames.
    groups : dict of tuple to SatisfactionLink
        The link of each group, by its labels.

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
    by: tuple[str, ...] = ()
    groups: dict[tuple[Any, ...], SatisfactionLink] = field(default_factory=dict)

    def _told(self) -> list[str]:
        if self.by:
            return [f"SatisfactionLink by {', '.join(self.by)}: {len(self.groups)} groups"]
        return [f"SatisfactionLink: the {self.best} form fits best" if self.best else "no link"]

    def _tables(self) -> dict[str, Any]:
        return {"forms compared, .comparison": self.comparison, "curve, .curve": self.curve}

    def probability(self, customers: Any, satisfaction: str, form: str | None = None) -> Any:  # noqa: ANN401 - any eager frame in, its Series out
        """Return the chance of loyalty of each customer.

        Parameters
        ----------
        customers : DataFrame
            With a column of satisfaction, in the units of the survey, and those of groups.
        satisfaction : str
            That column; missing answers give missing chances.
        form : str, optional
            Which form; the best one in cross-validation otherwise, of each group by itself.

        Returns
        -------
        Series
            Aligned with the frame; missing in groups that have no link, or not by this form.

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
        known = dict.fromkeys(str(each) for each in self.comparison["form"])
        if form is not None:
            one_of("form", form, known)
        groups = (Column(name, Kind.LABEL, nullable=True) for name in self.by)
        columns = (Column(satisfaction, Kind.NUMBER, nullable=True), *groups)
        own = admit_eager(customers, Contract(frame="customers", columns=columns))
        given = as_float(own, satisfaction)
        found = np.full(len(given), np.nan)
        for rows, link in self._parts(own):
            name = link.best if form is None else form
            if name in link.forms:
                found[rows] = link.forms[name].probability(given[rows])
        return column_like(own, "loyalty_probability", found)

    @property
    def best(self) -> str | None:
        """The form with the best log score; none where none could be estimated, or with groups.

        Examples
        --------
        >>> import pandas as pd
        >>> survey = pd.DataFrame({"happy": [1, 2, 3, 4, 5] * 40})
        >>> survey = survey.assign(again=(survey["happy"] + survey.index % 4 > 5).astype(int))
        >>> satisfaction_link(survey, "happy", "again", forms=["isotonic", "logistic"]).best
        'logistic'
        """
        ranked = [str(form) for form in self.comparison["form"] if form in self.forms]
        return ranked[0] if ranked else None

    def _parts(self, own: nw.DataFrame[Any]) -> list[tuple[NDArray[np.bool_], SatisfactionLink]]:
        """Return the rows of each group beside its link."""
        if not self.by:
            return [(np.full(len(own), fill_value=True), self)]
        labels = pd.Series(_keys(own, self.by), dtype="object")
        return [
            ((labels == pd.Series([key] * len(labels), dtype="object")).to_numpy(), link)
            for key, link in self.groups.items()
        ]


def satisfaction_link(
    survey: Any,  # noqa: ANN401 - any eager frame
    satisfaction: str,
    loyalty: str,
    *,
    loyal_from: float = 1,
    forms: Sequence[str] = _ALL,
    by: str | Sequence[str] | None = None,
    weight: str | None = None,
    strata: str | None = None,
    clusters: str | None = None,
    population: str | None = None,
    raked: str | Sequence[str] = (),
    base_weight: str | None = None,
    no_answer: Sequence[float] = (),
    folds: int = _FOLDS,
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
    by : str or sequence of str, optional
        Columns to group by: a link for each group. What cannot be estimated for one of them is
        said in ``comparison`` and is no error.
    weight : str, optional
        Column of weights. Likelihoods and errors take them as numbers of customers, scaled to the
        effective number of answers (Kish's).
    strata, clusters, population, raked, base_weight : optional
        The design, and what weights were raked to, as in :func:`crmanalytics.satisfaction.nps`.
        Errors of parameters are then linearised, with Student's intervals; likelihood ratios of a
        break are scaled to its design effect; cross-validation leaves out whole clusters; and
        ``aic``, which counts customers as independent, is missing.
    no_answer : sequence of float
        Codes that stand for no answer, in either column.
    folds : int
        Parts of the cross-validation, of customers or of clusters.
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
    for form in forms:
        one_of("each of forms", form, FORMS)
    if not len(forms) or len(set(forms)) < len(forms):
        raise ParameterError(
            f"forms must be of {', '.join(FORMS)}, none of them twice, not {list(forms)}"
        )
    sample = read_sample(
        survey, [satisfaction, loyalty], by=by, weight=weight, strata=strata, clusters=clusters,
        population=population, raked=raked, base_weight=base_weight, no_answer=no_answer,
        level=level,
    )  # fmt: skip
    labels = sample.groups.labels
    ask = Ask(
        (satisfaction, loyalty), loyal_from, tuple(forms), _folds(sample, folds), seed,
        lenient=labels is not None,
    )  # fmt: skip
    found = [tables_of(sample, group, ask) for group in range(sample.groups.size)]
    links = [SatisfactionLink(x.curve, x.comparison, x.estimates, x.forms) for x in found]
    if labels is None:
        return links[0]
    names = tuple(names_of(by))
    return _joined(names, dict(zip(_keys(labels, names), links, strict=True)))


def _folds(sample: Sample, folds: int) -> int:
    if not 2 <= folds <= max(len(sample.own), _FOLDS):
        raise ParameterError(f"folds must be from 2 to the number of rows, not {folds!r}")
    return int(folds)


def _keys(own: nw.DataFrame[Any], by: Sequence[str]) -> list[tuple[Any, ...]]:
    """Return the labels of each row, a missing one as None."""
    columns = [[None if x is None or x != x else x for x in own[name].to_list()] for name in by]  # noqa: PLR0124 - NaN
    return list(zip(*columns, strict=True))


def _joined(
    by: tuple[str, ...], groups: dict[tuple[Any, ...], SatisfactionLink]
) -> SatisfactionLink:
    """Return the tables of all groups under each other."""

    def under(name: str) -> pd.DataFrame:
        parts = []
        for key, link in groups.items():
            table = getattr(link, name)
            labels = {column: [label] * len(table) for column, label in zip(by, key, strict=True)}
            parts.append(pd.DataFrame(labels, index=table.index).join(table))
        filled = [part for part in parts if len(part)] or parts[:1]
        return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=[*by])

    return SatisfactionLink(under("curve"), under("comparison"), under("estimates"), {}, by, groups)
