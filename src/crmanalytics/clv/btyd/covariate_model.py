"""The face that models with covariates share."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import numpy as np

from crmanalytics.clv.bootstrap import Refitting
from crmanalytics.clv.btyd.base import PurchaseModel
from crmanalytics.clv.btyd.covariate_objective import (
    CovariateObjective,
    Standardised,
    standardising,
)
from crmanalytics.clv.btyd.kinds import check_distinguishable, count_kinds
from crmanalytics.clv.cells import Cells
from crmanalytics.clv.coordinates import estimates_at
from crmanalytics.clv.fit import Fit
from crmanalytics.clv.fitting import maximise
from crmanalytics.errors import InvalidValuesError, ParameterError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from crmanalytics.clv.btyd.covariate_objective import Link
    from crmanalytics.clv.btyd.kinds import KindCells
    from crmanalytics.clv.fitting import Maximum, Objective

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

__all__ = ["CovariateModel"]

_FARTHEST = 600.0  # logarithm of a parameter, beyond which its products overflow


@dataclass(frozen=True)
class CovariateModel(PurchaseModel):
    """A model whose parameters depend on what else is known of a customer.

    A subclass also inherits from the model without covariates, whose parameters it has for
    customers whose covariates are all 0.
    """

    LINKS: ClassVar[tuple[Link, ...]]
    BY_ROW: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        for link in self.LINKS:
            # files keep names in order, and so do we: covariance matrices depend on it
            named = _checked(link.coefficients, getattr(self, link.coefficients))
            object.__setattr__(self, link.coefficients, named)

    @classmethod
    @abstractmethod
    def _plain(cls) -> type[PurchaseModel]:
        """Return the model without covariates."""

    @classmethod
    @abstractmethod
    def _slopes(
        cls, log_parameters: Floats, x: Floats, t_x: Floats, T: Floats
    ) -> tuple[Floats, Floats]:
        """Return the log-likelihoods of cells, and their slopes by the cells' log-parameters."""

    @classmethod
    def fit(
        cls,
        customers: Any,  # noqa: ANN401 - any frame
        *,
        purchase_covariates: Sequence[str] = (),
        dropout_covariates: Sequence[str] = (),
        weight: str | None = None,
        unit: str | None = None,
        penalty: float = 0.0,
        **settings: Any,  # noqa: ANN401 - there are none, which a message tells
    ) -> Fit[Self]:
        """Estimate the model by maximum likelihood.

        Parameters
        ----------
        customers : DataFrame
            One row per customer: frequency, recency, T and the covariates, which are numbers, or
            true and false. Of n categories give n - 1 columns.
        purchase_covariates : sequence of str
            Columns that may matter for how often a customer buys.
        dropout_covariates : sequence of str
            Columns that may matter for when a customer leaves.
        weight : str, optional
            Column with the number of customers that a row stands for.
        unit : str, optional
            Time unit of the frame (D, W, M, Y), kept with the model; taken from the frame where
            ``summarize`` noted it.
        penalty : float
            Precision of a normal prior, centred on 0, on each coefficient and on the logarithm of
            each parameter (times measured in the mean T). 0 is plain maximum likelihood.
        **settings
            None.

        Returns
        -------
        Fit
            The model; ``Fit.parameters`` is the table of coefficients with standard errors from
            the observed information, named like ``purchase[online]``.

        Raises
        ------
        DataError
            If columns are missing, values break the contract of customers, a covariate is the same
            for all, or covariates follow from each other.
        ConvergenceError
            If the likelihood has no proven inner maximum.

        Examples
        --------
        >>> from crmanalytics.clv import BGNBDCovariates
        >>> from crmanalytics.datasets import load_cdnow_summary
        >>> customers = load_cdnow_summary().assign(even=lambda frame: frame.index % 2 == 0)
        >>> fit = BGNBDCovariates.fit(customers, purchase_covariates=["even"])
        >>> row = fit.parameters.loc["purchase[even]"]  # which row a customer stands in is chance
        >>> bool(row["low"] < 0 < row["high"])
        True
        """
        if settings:
            raise ParameterError(f"{cls.__name__}.fit takes no {', '.join(settings)}")
        chosen = cls._chosen(purchase_covariates, dropout_covariates)
        names = sorted({name for group in chosen.values() for name in group})
        if isinstance(customers, Cells):
            raise ParameterError(f"{cls.__name__} is fitted to a frame, not to cells of one")
        cells = count_kinds(customers, names, weight)
        for group in chosen.values():
            check_distinguishable(cells, group)
        zeros = {field: dict.fromkeys(group, 0.0) for field, group in chosen.items()}
        start = cls(**dict.fromkeys(cls.parameter_names(), 1.0), **zeros, unit=unit or cells.unit)
        return start._estimated(cells, penalty)

    @classmethod
    def _chosen(cls, purchase: Sequence[str], dropout: Sequence[str]) -> dict[str, list[str]]:
        groups = {"purchase_covariates": purchase, "dropout_covariates": dropout}
        for argument, names in groups.items():
            if isinstance(names, str) or len(set(names)) < len(names):
                raise ParameterError(
                    f"{argument} must be a list of different columns, not {names!r}"
                )
        return {
            link.coefficients: sorted(purchase if link.coefficients == "purchase" else dropout)
            for link in cls.LINKS
        }

    def _estimated(self, cells: KindCells, penalty: float) -> Fit[Self]:
        names, links = self.parameter_names(), self._links()
        objective = self._objective(cells, self.settings())
        matrix = standardising(cells, names, links)
        coefficients = np.zeros(len(matrix) - len(names))
        maximum = maximise(
            Standardised(objective, matrix, penalty, self._centre(cells)),
            [np.concatenate([start, coefficients]) for start in self._starts(cells)],
            n=cells.n,
            names=names,
        )
        return self._fit_of(maximum, objective, matrix, cells.n, penalty)

    def _fit_of(
        self, maximum: Maximum, objective: Objective, matrix: Floats, n: float, penalty: float
    ) -> Fit[Self]:
        at = matrix @ maximum.log_parameters
        value, _ = objective.value_and_gradient(at)
        covariance = matrix @ maximum.covariance @ matrix.T
        model = self.replaced(dict(zip(self.estimates(), estimates_at(self, at), strict=True)))
        found = replace(maximum, log_parameters=at, value=value, covariance=covariance)
        return Fit.of(model, found, n, penalty)

    # what is estimated ---------------------------------------------------------------------------

    def _links(self) -> dict[Link, list[str]]:
        return {link: list(getattr(self, link.coefficients)) for link in self.LINKS}

    def _coefficients(self) -> dict[str, tuple[str, str]]:
        """Return field and covariate of each coefficient, by its name."""
        return {
            f"{link.coefficients}[{name}]": (link.coefficients, name)
            for link, names in self._links().items()
            for name in names
        }

    def estimates(self) -> dict[str, float]:
        """Return parameters and coefficients by name.

        Examples
        --------
        >>> from crmanalytics.clv import BGNBDCovariates
        >>> BGNBDCovariates(0.24, 4.4, 0.8, 2.4, purchase={"online": 0.3}).estimates()
        {'r': 0.24, 'alpha': 4.4, 'a': 0.8, 'b': 2.4, 'purchase[online]': 0.3}
        """
        found = self._coefficients().items()
        return super().estimates() | {
            key: float(getattr(self, field)[name]) for key, (field, name) in found
        }

    def coefficient_names(self) -> frozenset[str]:
        """Return the names of the coefficients, as in :meth:`estimates`.

        Examples
        --------
        >>> from crmanalytics.clv import BGNBDCovariates
        >>> BGNBDCovariates(0.24, 4.4, 0.8, 2.4, purchase={"online": 0.3}).coefficient_names()
        frozenset({'purchase[online]'})
        """
        return frozenset(self._coefficients())

    def replaced(self, values: Mapping[str, float]) -> Self:
        """Return the same kind of model with other estimates.

        Parameters
        ----------
        values : mapping of str to float
            New values by names as in :meth:`estimates`; the others stay.

        Returns
        -------
        model
            The changed model.

        Examples
        --------
        >>> from crmanalytics.clv import BGNBDCovariates
        >>> model = BGNBDCovariates(0.24, 4.4, 0.8, 2.4, purchase={"online": 0.3})
        >>> model.replaced({"purchase[online]": -0.1}).purchase
        {'online': -0.1}
        """
        places, body = self._coefficients(), self.to_dict()
        for key, value in values.items():
            if key in places:
                field, name = places[key]
                body[field] = body[field] | {name: float(value)}
            else:
                body[key] = float(value)
        return self.from_dict(body)

    def at(self, covariates: Mapping[str, float]) -> PurchaseModel:
        """Return the model, without covariates, of the customers of one kind.

        Parameters
        ----------
        covariates : mapping of str to float
            The value of every covariate.

        Returns
        -------
        model
            For all that can be asked of new customers of that kind.

        Raises
        ------
        ParameterError
            If a covariate is lacking, unknown or no finite number.

        Examples
        --------
        >>> from crmanalytics.clv import BGNBDCovariates
        >>> model = BGNBDCovariates(0.24, 4.4, 0.8, 2.4, purchase={"online": 0.3})
        >>> float(model.at({"online": 1}).expected_purchases_new(52).round(3))
        1.715
        """
        known = self._covariates()
        if set(covariates) != set(known):
            raise ParameterError(f"covariates must be {known}, not {sorted(covariates)}")
        given = _checked("covariates", covariates)
        row = np.array([[given[name] for name in known]])
        values = {name: float(v[0]) for name, v in self._parameters_of(known, row).items()}
        return self._plain()(**values, unit=self.unit)

    def _covariates(self) -> list[str]:
        return sorted({name for names in self._links().values() for name in names})

    def _parameters_of(self, names: Sequence[str], kinds: Floats) -> dict[str, Floats]:
        """Return the plain model's parameters for some kinds of customers."""
        values = {name: np.full(len(kinds), getattr(self, name)) for name in self.parameter_names()}
        for link, own in self._links().items():
            coefficients = getattr(self, link.coefficients)
            effect = sum((coefficients[name] * kinds[:, names.index(name)] for name in own), 0.0)
            log_value = np.log(values[link.parameter]) + link.sign * effect
            far = np.abs(log_value) > _FARTHEST
            if far.any():
                raise InvalidValuesError(
                    f"the covariates {own} have values for which {link.parameter} is no longer a "
                    f"number, such as {kinds[far][0].tolist()} of {list(names)}: they are far from "
                    "those that the model was fitted to"
                )
            values[link.parameter] = np.exp(log_value)
        return values

    # hooks ---------------------------------------------------------------------------------------

    def _count(self, customers: Any) -> KindCells:  # noqa: ANN401 - any frame, or cells of one
        return count_kinds(customers, self._covariates())

    def _of(self, cells: Any) -> Self:  # noqa: ANN401 - cells of kinds
        made = object.__new__(self._plain())
        acted_on = {link.parameter for link in self.LINKS}
        for name, values in self._parameters_of(cells.names, cells.kinds).items():
            # an array in place of a number: a parameter of its own for every cell
            value = values[cells.kind] if name in acted_on else getattr(self, name)
            object.__setattr__(made, name, value)
        object.__setattr__(made, "unit", self.unit)
        return cast("Self", made)

    def _expected_new(self, horizon: Floats) -> Floats:
        return self._only_kind()._expected_new(horizon)  # noqa: SLF001 - a model of the same family

    def _log_pmf(self, n: Floats, horizon: Floats) -> Floats:
        return self._only_kind()._log_pmf(n, horizon)  # noqa: SLF001 - as above

    def _draw_purchases(self, random: np.random.Generator, T: Floats) -> tuple[Codes, Floats]:
        return self._only_kind()._draw_purchases(random, T)  # noqa: SLF001 - as above

    def _only_kind(self) -> PurchaseModel:
        names = self._covariates()
        if names:
            raise ParameterError(
                f"a new customer of this {type(self).__name__} is of one kind or another, which "
                f"{', '.join(names)} tell: ask model.at({{...}}), the model of one kind"
            )
        return self.at({})

    def refitting(self, customers: Any, weight: str | None = None) -> Refitting:  # noqa: ANN401
        """Return what it takes to fit the model again with other weights.

        Parameters
        ----------
        customers : DataFrame
            frequency, recency, T and the covariates.
        weight : str, optional
            Column with the number of customers that a row stands for.

        Returns
        -------
        Refitting
            The cells' weights, and the log-likelihood as a function of them.
        """
        cells = count_kinds(customers, self._covariates(), weight)

        def objective(counts: Floats) -> Objective:
            return self._objective(replace(cells, weight=counts), self.settings())

        return Refitting(cells.weight, objective, self._centre(cells))

    def _centre(self, cells: Cells) -> Floats:
        plain = self._prior_centre(cells)
        return np.concatenate([plain, np.zeros(len(self._coefficients()))])

    @classmethod
    def _objective(cls, cells: Any, settings: dict[str, Any]) -> CovariateObjective:  # noqa: ANN401 - cells of kinds
        links = {link: sorted(settings[link.coefficients]) for link in cls.LINKS}
        return CovariateObjective(cells, cls._slopes, cls.parameter_names(), links)


def _checked(field: str, coefficients: object) -> dict[str, float]:
    if not isinstance(coefficients, Mapping):
        raise ParameterError(f"{field} must be numbers by column name, not {coefficients!r}")
    for name, value in coefficients.items():
        number = isinstance(value, Real) and math.isfinite(value)
        if not (isinstance(name, str) and number):
            raise ParameterError(f"{field} must be finite numbers by name: {name!r} is {value!r}")
    return {name: float(coefficients[name]) for name in sorted(coefficients)}
