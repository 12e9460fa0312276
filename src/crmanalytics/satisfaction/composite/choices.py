"""The choices behind a composite index that could have been made otherwise, and what they give."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics.errors import CRMAnalyticsError, InvalidValuesError, ParameterError
from crmanalytics.frames import as_float
from crmanalytics.satisfaction.composite.aggregating import climb
from crmanalytics.satisfaction.composite.normalising import filled, normalised
from crmanalytics.satisfaction.composite.plan import ROOT, part_names, weights_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    from crmanalytics.satisfaction.composite.plan import CompositePlan

    Floats = NDArray[np.float64]

__all__ = ["CompositeChoices", "Trials"]

_FIELDS: Final = ("normalise", "bounds", "weights", "aggregate", "missing")
_MOST: Final = 5000


@dataclass(frozen=True)
class CompositeChoices:
    """What might have been chosen otherwise; each alternative is as likely as the others.

    Parameters
    ----------
    normalise, bounds, weights, aggregate, missing : tuple
        Alternatives to the plan's own choice, which should be among them if it is to count.
    weight_noise : float
        Weights of all parts are off by up to this share, up or down, independently: 0.25 for 25%.
    leave_out : bool
        Whether one indicator at a time is left out (as likely as none).
    standard_errors : dict of str to str
        Indicator to the column of its standard errors: values are drawn around those given.

    Raises
    ------
    ParameterError
        If nothing is left to choose, or the noise is no share below 1.

    Examples
    --------
    >>> CompositeChoices(aggregate=("arithmetic", "geometric"), leave_out=True).factors
    ('aggregate', 'left out')
    """

    normalise: tuple[str, ...] = ()
    bounds: tuple[tuple[float, float], ...] = ()
    weights: tuple[Any, ...] = ()
    aggregate: tuple[str | float, ...] = ()
    missing: tuple[str, ...] = ()
    weight_noise: float = 0.0
    leave_out: bool = False
    standard_errors: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in _FIELDS:
            if isinstance(getattr(self, name), str):
                raise ParameterError(
                    f"{name} must be several choices: ({getattr(self, name)!r}, ...)"
                )
        if not 0 <= self.weight_noise < 1:
            raise ParameterError(f"weight_noise must be a share below 1, not {self.weight_noise!r}")
        if not self.factors:
            raise ParameterError("choices leave nothing to choose: name two of something, or noise")

    @property
    def factors(self) -> tuple[str, ...]:
        """What varies.

        Examples
        --------
        >>> CompositeChoices(normalise=("zscore", "minmax"), weight_noise=0.2).factors
        ('normalise', 'weight noise')
        """
        named = [name for name in _FIELDS if len(getattr(self, name)) > 1]
        named += ["left out"] if self.leave_out else []
        named += ["weight noise"] if self.weight_noise else []
        return (*named, *(["data"] if self.standard_errors else []))


@dataclass(frozen=True, eq=False)
class Trials:
    """An index as a function of its choices, each of them a number from 0 to 1.

    Parameters
    ----------
    plan : CompositePlan
        The plan itself.
    choices : CompositeChoices
        What may vary.
    values : ndarray of shape (rows, indicators)
        Indicators as they are.
    errors : ndarray of shape (rows, indicators)
        Their standard errors; 0 where none are given.
    """

    plan: CompositePlan
    choices: CompositeChoices
    values: Floats
    errors: Floats

    @classmethod
    def of(
        cls,
        plan: CompositePlan,
        choices: CompositeChoices,
        own: nw.DataFrame[Any],
        values: Floats,
    ) -> Trials:
        """Make trials of a checked frame, and try every combination of choices once."""
        strange = sorted(set(choices.standard_errors) - set(plan.indicators))
        if strange:
            raise ParameterError(f"standard_errors of {strange}, which are not in the index")
        errors = np.zeros_like(values)
        for place, name in enumerate(plan.indicators):
            if name in choices.standard_errors:
                errors[:, place] = as_float(own, choices.standard_errors[name])
        if not (errors >= 0).all():
            raise InvalidValuesError("standard errors must be numbers of 0 or more, none missing")
        trials = cls(plan, choices, values, errors)
        trials.require_possible()
        return trials

    @property
    def options(self) -> list[list[Any]]:
        """Alternatives of each factor that has named ones."""
        made = [list(getattr(self.choices, name)) for name in self._named]
        return [*made, [None, *self.plan.indicators]] if self.choices.leave_out else made

    @property
    def _named(self) -> list[str]:
        return [name for name in self.choices.factors if name in _FIELDS]

    def require_possible(self) -> None:
        """Refuse combinations of choices that cannot be, all at once."""
        # leaving an indicator out makes nothing impossible that was not so before
        named = self.options[: len(self._named)]
        pads = (0,) if self.choices.leave_out else ()
        combinations = [(*each, *pads) for each in product(*(range(len(k)) for k in named))]
        if len(combinations) > _MOST:
            raise ParameterError(f"{len(combinations):,} combinations of choices are too many")
        problems: Counter[str] = Counter()
        for each in combinations:
            problem = self._problem(each)
            problems.update([problem] if problem else [])
        if problems:
            told = "; ".join(f"{text} ({count} of them)" for text, count in problems.items())
            raise ParameterError(
                f"some combinations of choices cannot be ({sum(problems.values())} of "
                f"{len(combinations)}): {told}"
            )

    def _problem(self, picked: tuple[int, ...]) -> str:
        try:
            variant = self._variant(picked)
            self._index(variant, self._columns(variant[0], self.values), {})
        except CRMAnalyticsError as error:
            return str(error)
        return ""

    def scores(self, points: Floats) -> Floats:
        """Return the index of every row (draws, rows) at points (draws, factors)."""
        named = len(self.options)
        sizes = np.array([len(each) for each in self.options], dtype=np.int64)
        picked = np.minimum((points[:, :named] * sizes).astype(np.int64), sizes - 1)
        each, place = np.unique(picked, axis=0, return_inverse=True)
        variants = [self._variant(tuple(row.tolist())) for row in each]
        fixed = None
        if not self.choices.standard_errors:  # what does not depend on the draw is made once
            fixed = self._columns_once([plan for plan, _ in variants])
        if named == points.shape[1] and fixed is not None:
            pairs = zip(variants, fixed, strict=True)
            made = np.stack([self._index(variant, columns, {}) for variant, columns in pairs])
            return np.asarray(made[place.ravel()])
        found = []
        for k, rest in zip(place.ravel(), points[:, named:], strict=True):
            scale, values = self._noise(rest)
            columns = self._columns(variants[k][0], values) if fixed is None else fixed[k]
            found.append(self._index(variants[k], columns, scale))
        return np.stack(found)

    def _noise(self, rest: Floats) -> tuple[dict[str, float], Floats]:
        # a number from 0 to 1 names the draw of all errors at once
        draws = [np.random.default_rng(int(each * 2**53)) for each in rest]
        scale: dict[str, float] = {}
        values = self.values
        if self.choices.weight_noise:
            names = [name for node in self.plan.tree.nodes() for name in part_names(node)]
            off = draws[0].uniform(-1, 1, len(names)) * self.choices.weight_noise
            scale = dict(zip(names, (1 + off).tolist(), strict=True))
        if self.choices.standard_errors:
            # drawn by the order of the values, so that the order of the rows has no influence
            order = np.lexsort(self.values.T[::-1])
            noise = np.empty_like(values)
            noise[order] = draws[-1].standard_normal(values.shape)
            values = values + self.errors * noise
        return scale, values

    def _columns(self, plan: CompositePlan, values: Floats) -> dict[str, Floats]:
        names = plan.indicators
        whole = filled(values, plan, names)
        return dict(zip(names, normalised(whole, plan, names).T, strict=True))

    def _columns_once(self, plans: Sequence[CompositePlan]) -> list[dict[str, Floats]]:
        """Normalise once for all plans that do it alike."""
        made: dict[tuple[Any, ...], dict[str, Floats]] = {}
        found = []
        for plan in plans:
            alike = (plan.normalise, plan.bounds, plan.missing)
            if alike not in made:
                made[alike] = self._columns(plan, self.values)
            found.append(made[alike])
        return found

    def _index(
        self,
        variant: tuple[CompositePlan, str | None],
        columns: dict[str, Floats],
        scale: dict[str, float],
    ) -> Floats:
        plan, left_out = variant
        chosen = scale if left_out is None else {**scale, left_out: 0.0}
        return climb(columns, plan, scale=chosen).scores[ROOT]

    def _variant(self, picked: tuple[int, ...]) -> tuple[CompositePlan, str | None]:
        chosen = [each[k] for each, k in zip(self.options, picked, strict=True)]
        left_out = chosen.pop() if self.choices.leave_out else None
        changes: dict[str, Any] = dict(zip(self._named, chosen, strict=True))
        if "weights" in changes and not isinstance(changes["weights"], str):
            changes["weights"] = weights_named(changes["weights"])
        return replace(self.plan, **changes), left_out
