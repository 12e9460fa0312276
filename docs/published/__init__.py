"""Published numbers beside ours: what the validation page and its test are made of."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Number", "collect", "numbers"]


@dataclass(frozen=True)
class Number:
    """One published number, as it was printed, and what we get.

    `places` is for numbers whose last digits hang on where the source's optimiser stopped: how many
    of the printed decimal places must agree.
    """

    theme: str
    what: str
    source: str
    printed: str
    ours: float
    places: int | None = None

    @property
    def step(self) -> Decimal:
        """One unit of the last decimal place that must agree."""
        exponent = Decimal(self.printed).as_tuple().exponent
        return Decimal(1).scaleb(-self.places if self.places is not None else int(exponent))

    @property
    def shown(self) -> str:
        """Ours, with as many decimal places as were printed."""
        places = max(0, -int(Decimal(self.printed).as_tuple().exponent))
        return f"{self.ours:.{places}f}"

    @property
    def agrees(self) -> bool:
        """Whether ours lies within one unit of the last place that must agree."""
        return abs(Decimal(repr(self.ours)) - Decimal(self.printed)) <= self.step


def numbers(
    theme: str,
    source: str,
    found: dict[str, tuple[str, float]],
    places: dict[str, int] | None = None,
) -> Iterator[Number]:
    """Make numbers of one theme and source: what, as printed, and ours."""
    for what, (printed, ours) in found.items():
        yield Number(theme, what, source, printed, float(ours), (places or {}).get(what))


def collect() -> list[Number]:
    """Return all published numbers, module by module."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return [number for module in modules for number in module.published()]
