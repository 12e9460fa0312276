"""What every model has by being its parameters: checks, dictionaries, files."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Self

from crmanalytics.errors import FormatError, ParameterError
from crmanalytics.persistence import save

if TYPE_CHECKING:
    import os
    from pathlib import Path

__all__ = ["Parameters"]


@dataclass(frozen=True)
class Parameters:
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
        """Return the names of the parameters, in the paper's order."""
        return tuple(f.name for f in fields(cls) if f.type in (float, "float"))

    def settings(self) -> dict[str, Any]:
        """Return what is neither a parameter nor the time unit."""
        known = {*self.parameter_names(), "unit"}
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in known}

    def to_dict(self) -> dict[str, Any]:
        """Return parameters and settings as plain JSON values."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    @classmethod
    def from_dict(cls, body: dict[str, Any]) -> Self:
        """Make the model of plain JSON values, checking them."""
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
        """
        return save(self, path)


def _is_positive(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and value > 0
    )
