"""A survey as it comes to every score: answers, groups, weights and the design, checked once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import ParameterError
from crmanalytics.frames import Column, Contract, Kind, Rule, admit_eager, as_float
from crmanalytics.inference.calibration import read_calibration
from crmanalytics.inference.design import read_design
from crmanalytics.inference.groups import Groups, row_groups
from crmanalytics.inference.intervals import check_level

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from crmanalytics.inference.calibration import Calibration
    from crmanalytics.inference.design import Design

    Floats = NDArray[np.float64]
    Scale = tuple[float, float] | Mapping[str, tuple[float, float]]

_HEAVY = 1e100
_MEND = "If it stands for no answer, name it in no_answer"

__all__ = ["Sample", "names_of", "read_sample"]


@dataclass(frozen=True)
class Sample:
    """Checked rows of answers, with their groups, weights and design.

    Parameters
    ----------
    own : narwhals.DataFrame
        The rows.
    groups : Groups
        Which group each row is in.
    weight : ndarray of shape (rows,)
        What each row counts; 1 without weights.
    weighted : bool
        Whether there are weights.
    design : Design or None
        Strata and clusters, where there are any.
    no_answer : tuple of float
        Codes that stand for no answer.
    level : float
        Confidence level of intervals.
    calibration : Calibration or None
        The margins that weights were raked to, where variances are to know of them.
    """

    own: nw.DataFrame[Any]
    groups: Groups
    weight: Floats
    weighted: bool
    design: Design | None = None
    no_answer: tuple[float, ...] = ()
    level: float = 0.95
    calibration: Calibration | None = None

    def answers(self, name: str) -> Floats:
        """Return the answers of a column, missing where there is none."""
        values = as_float(self.own, name)
        if not self.no_answer:
            return values
        return np.where(np.isin(values, self.no_answer), np.nan, values)

    def variance(self, influence: Floats, *, answered: NDArray[np.bool_], ddof: int = 0) -> Floats:
        """Return the variance of each group's estimate, given the influence of each row on it.

        With strata or clusters they decide; otherwise rows are independent, and `ddof` is 1 for
        means (divided by n - 1), 0 for shares (divided by n).
        """
        if self.calibration is not None:
            return self._calibrated(influence, answered, ddof)
        if self.design is not None:
            return self.design.variance(influence, self.groups)
        n = self.groups.count(answered & (self.weight > 0))
        factor = np.where(n > ddof, n / np.where(n > ddof, n - ddof, 1), np.nan)
        return self.groups.total(influence**2) * factor

    def _calibrated(self, influence: Floats, answered: NDArray[np.bool_], ddof: int) -> Floats:
        """Return variances of what the margins do not explain; rows of other groups matter too."""
        if self.calibration is None:
            return np.full(self.groups.size, np.nan)
        whole = replace(self, calibration=None, groups=Groups(np.zeros_like(self.groups.of_row), 1))
        found = np.empty(self.groups.size)
        for k in range(self.groups.size):
            inside = self.groups.of_row == k
            left = self.calibration.residual(np.where(inside, influence, 0.0), self.weight)
            part = whole.variance(left, answered=answered & inside, ddof=ddof)
            found[k] = part[0]
        return found

    def error_of(self, influence: Floats, rows: NDArray[Any], group: int) -> tuple[float, float]:
        """Return the standard error of one group's estimate, and its degrees of freedom.

        Parameters
        ----------
        influence : ndarray of shape (used rows,)
            Influence of each of them on the estimate.
        rows : ndarray
            Which rows were used: their places, or a mask.
        group : int
            Which group they are of.

        Examples
        --------
        >>> import pandas as pd
        >>> sample = read_sample(pd.DataFrame({"shop": [1, 1, 2, 2]}), clusters="shop")
        >>> sample.error_of(np.array([-0.25, -0.25, 0.25, 0.25]), np.arange(4), 0)
        (1.0, 1.0)
        """
        whole, answered = np.zeros(len(self.weight)), np.zeros(len(self.weight), dtype=bool)
        whole[rows], answered[rows] = influence, True
        variance = self.variance(whole, answered=answered)[group]
        return float(np.sqrt(variance)), float(self.degrees(answered)[group])

    def degrees(self, answered: NDArray[np.bool_]) -> Floats:
        """Return the degrees of freedom of each group's variance."""
        if self.design is not None:
            return self.design.degrees(answered & (self.weight > 0), self.groups)
        return np.maximum(self.groups.count(answered & (self.weight > 0)) - 1, 1)


def names_of(names: str | Sequence[str] | None) -> list[str]:
    """Return one or more column names as a list.

    Examples
    --------
    >>> names_of("unit"), names_of(None), names_of(("a", "b"))
    (['unit'], [], ['a', 'b'])
    """
    if names is None:
        return []
    return [names] if isinstance(names, str) else list(names)


def read_sample(
    survey: Any,  # noqa: ANN401 - any eager frame
    answers: str | Sequence[str] = (),
    *,
    by: str | Sequence[str] | None = None,
    scale: Scale | None = None,
    whole: bool = False,
    allowed: Sequence[float] = (),
    flags: Sequence[str] = (),
    weight: str | None = None,
    strata: str | None = None,
    clusters: str | None = None,
    population: str | None = None,
    no_answer: Sequence[float] = (),
    labels: Sequence[str] = (),
    raked: str | Sequence[str] = (),
    base_weight: str | None = None,
    level: float = 0.95,
    frame: str = "survey",
) -> Sample:
    """Check a frame of answers and make it ready to estimate from.

    Parameters
    ----------
    survey : DataFrame
        One row per answer sheet. It is never changed. Missing answers are allowed and counted.
    answers : str or sequence of str
        Columns of numbers.
    by : str or sequence of str, optional
        Columns of labels to group by; one group otherwise. A missing label is a group too.
    scale : tuple of float or mapping of str to tuple of float, optional
        Lowest and highest answer, the same for all or per column; any other number that is no code
        of `no_answer` is an error.
    whole : bool
        Whether answers must be whole numbers.
    allowed : sequence of float
        The only answers there can be; any by default.
    flags : sequence of str
        Further answers that are true or false, or 1 and 0.
    weight : str, optional
        Column of weights, 0 or more; any scale.
    strata, clusters, population : str, optional
        The design; see :func:`read_design`.
    no_answer : sequence of float
        Codes that stand for no answer, such as 99 for 'do not know'.
    labels : sequence of str
        Further columns that must be there, without missing values.
    raked : str or sequence of str
        Columns that `weight` was raked to (one variance per group: not for thousands of groups).
        What they explain of the answers then no longer counts as uncertain.
    base_weight : str, optional
        The weights before raking; 1 otherwise.
    level : float
        Confidence level.
    frame : str
        What the frame is called, for messages.

    Returns
    -------
    Sample
        The rows, ready.

    Raises
    ------
    DataError
        If columns are missing, or values are out of range.
    ParameterError
        If an argument is wrong.

    Examples
    --------
    >>> import pandas as pd
    >>> survey = pd.DataFrame({"score": [9, 99, None], "unit": ["a", "a", "b"]})
    >>> sample = read_sample(survey, "score", by="unit", scale=(0, 10), no_answer=[99])
    >>> sample.answers("score").tolist(), sample.groups.of_row.tolist()
    ([9.0, nan, nan], [0, 0, 1])
    """
    items, grouped = names_of(answers), names_of(by)
    twice = sorted({*items, *flags} & set(grouped))
    if twice:
        raise ParameterError(f"{twice[0]!r} cannot be an answer and a column to group by at once")
    margins = names_of(raked)
    if (margins and weight is None) or (base_weight is not None and not margins):
        raise ParameterError(
            "raked names the columns that weight was raked to, and base_weight the weights before: "
            "they go together with weight"
        )
    codes = tuple(float(each) for each in no_answer)
    truths = {name for name in flags if _is_boolean(survey, name)}
    columns = [Column(name, Kind.NUMBER, low=0) for name in (weight, base_weight) if name]
    columns += [Column(name, Kind.NUMBER, nullable=True) for name in items]
    columns += [
        Column(name, Kind.FLAG if name in truths else Kind.NUMBER, nullable=True) for name in flags
    ]
    columns += [Column(name, Kind.LABEL, nullable=True) for name in grouped]
    columns += [Column(name, Kind.LABEL) for name in (strata, clusters, *labels, *margins) if name]
    columns += [Column(name, Kind.NUMBER, strictly_positive=True) for name in (population,) if name]
    rules = _answer_rules(items, scale, codes, whole=whole) + _code_rules(items, allowed, codes)
    rules += _answer_rules([x for x in flags if x not in truths], (0, 1), codes, whole=True)
    unlike = {
        column.name: column for column in reversed(columns)
    }  # the first role of a column wins
    contract = Contract(frame, tuple(unlike.values()), rules, names_row_by=c.RESPONDENT_ID)
    own = admit_eager(survey, contract)
    return Sample(
        own,
        row_groups(own, grouped),
        _base(own, weight),
        weight is not None,
        read_design(own, strata, clusters, population, frame),
        codes,
        check_level(level),
        read_calibration(own, margins, _base(own, base_weight)) if margins else None,
    )


def _base(own: nw.DataFrame[Any], name: str | None) -> Floats:
    """Return weights; those whose squares are no numbers any more by the largest of them."""
    if not name:
        return np.ones(len(own))
    weight = as_float(own, name)
    largest = float(weight.max(initial=0.0))
    near = largest == 0 or 1 / _HEAVY <= largest <= _HEAVY
    return weight if near else weight / largest


def _is_boolean(survey: Any, name: str) -> bool:  # noqa: ANN401 - any frame
    own = nw.from_native(survey, pass_through=True)
    known = isinstance(own, nw.DataFrame) and name in own.columns
    return known and isinstance(own.collect_schema()[name], nw.Boolean)


def _answer_rules(
    items: Sequence[str], scale: Scale | None, codes: Sequence[float], *, whole: bool
) -> tuple[Rule, ...]:
    """Return what holds of answers: a rule per item, that says what to do about others."""
    rules = []
    for name in items:
        value = nw.col(name).cast(nw.Float64)
        given = value.is_finite()  # engines differ in how they compare what is not a number
        if codes:
            given = given & ~value.is_in(list(codes))
        bounds = scale if scale is None or isinstance(scale, tuple) else scale.get(name)
        if bounds is not None:
            low, high = bounds
            if not low < high:
                raise ParameterError(f"scale must be (lowest, highest) answer, not {bounds!r}")
            outside = ((value < low) | (value > high)) & given
            rules.append(Rule(f"must lie between {low:g} and {high:g}", outside, (name,), _MEND))
        if whole:
            rules.append(Rule("must be a whole number", (value != value.floor()) & given, (name,)))
    return tuple(rules)


def _code_rules(
    items: Sequence[str], allowed: Sequence[float], codes: Sequence[float]
) -> tuple[Rule, ...]:
    """Return that answers must be among those allowed, where any are named."""
    if not allowed:
        return ()
    states = f"must be one of {', '.join(f'{float(each):g}' for each in allowed)}"
    rules = []
    for name in items:
        value = nw.col(name).cast(nw.Float64)
        known = value.is_in([*map(float, allowed), *codes])
        rules.append(Rule(states, value.is_finite() & ~known, (name,), _MEND))
    return tuple(rules)
