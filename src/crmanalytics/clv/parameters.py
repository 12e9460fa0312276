"""What every model has by being its parameters: checks, dictionaries, files."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Self

from crmanalytics.errors import FormatError, ParameterError
from crmanalytics.frames import Shown
from crmanalytics.persistence import save

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Parameters"]


@dataclass(frozen=True)
class Parameters(Shown):
    """A model as a value: positive parameters named as in its paper, and the time unit.

    Subclasses declare their parameters as float fields; whatever is not a float field (the time
    unit, a regularity) is a setting, kept in files beside the parameters.
    """

    unit: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        wrong = [
            f"{name} = {getattr(self, name)!r}"
            for name in self.parameter_names()
            if not _is_positive(getattr(self, name))
        ]
        if wrong:
            raise ParameterError(
                f"parameters of {type(self).__name__} must be positive numbers: {', '.join(wrong)}"
            )

    @classmethod
    def parameter_names(cls) -> tuple[str, ...]:
        """Return the names of the parameters, in the paper's order.

        Examples
        --------
        >>> from crmanalytics.clv import ParetoNBD
        >>> ParetoNBD.parameter_names()
        ('r', 'alpha', 's', 'beta')
        """
        return tuple(f.name for f in fields(cls) if f.type in (float, "float"))

    def estimates(self) -> dict[str, float]:
        """Return what a fit estimates, by name: the parameters, and coefficients if there are."""
        return {name: float(getattr(self, name)) for name in self.parameter_names()}

    def coefficient_names(self) -> frozenset[str]:
        """Return the names of those estimates that may be negative."""
        return frozenset()

    def replaced(self, values: Mapping[str, float]) -> Self:
        """Return the same kind of model with other estimates."""
        changed = {name: float(value) for name, value in values.items()}
        return self.from_dict(self.to_dict() | changed)

    def settings(self) -> dict[str, Any]:
        """Return what is neither a parameter nor the time unit.

        Examples
        --------
        >>> from crmanalytics.clv import BGNBD
        >>> BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W").settings()
        {}
        """
        known = {*self.parameter_names(), "unit"}
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in known}

    def _told(self) -> tuple[str]:
        named = type(self).__name__
        return (f"{named}, time in {self.unit}" if self.unit else named,)

    def _tables(self) -> dict[str, Any]:
        import pandas as pd

        # coefficients, which are mappings, are among the estimates
        given = {k: str(v) for k, v in self.settings().items() if not isinstance(v, dict)}
        return {"": pd.DataFrame([self.estimates() | given], index=[""])}

    def to_dict(self) -> dict[str, Any]:
        """Return parameters and settings as plain JSON values.

        Examples
        --------
        >>> from crmanalytics.clv import GammaGamma
        >>> GammaGamma(p=6.25, q=3.74, v=15.44).to_dict()
        {'unit': None, 'p': 6.25, 'q': 3.74, 'v': 15.44}
        """
        return {f.name: getattr(self, f.name) for f in fields(self)}

    @classmethod
    def from_dict(cls, body: dict[str, Any]) -> Self:
        """Make the model of plain JSON values, checking them.

        Raises
        ------
        FormatError
            If a value is lacking or there is one too many.
        ParameterError
            If a parameter is not a positive number.

        Examples
        --------
        >>> from crmanalytics.clv import GammaGamma
        >>> GammaGamma.from_dict({"p": 6.25, "q": 3.74, "v": 15.44, "unit": None})
        GammaGamma(unit=None, p=6.25, q=3.74, v=15.44)
        """
        known = {f.name for f in fields(cls)}
        if set(body) != known:
            raise FormatError(f"a {cls.__name__} has {sorted(known)}, not {sorted(body)}")
        return cls(**body)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the model as a small JSON document, atomically.

        Parameters
        ----------
        path : path
            Where to; an existing file is replaced in one step.

        Returns
        -------
        Path
            The path written; ``crmanalytics.load`` reads it back.

        Examples
        --------
        >>> import tempfile
        >>> import crmanalytics as crm
        >>> model = crm.clv.GammaGamma(p=6.25, q=3.74, v=15.44)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     crm.load(model.save(f"{folder}/spend.json"))
        GammaGamma(unit=None, p=6.25, q=3.74, v=15.44)
        """
        return save(self, path)


def _is_positive(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and value > 0
    )
