"""How numbers and dates are written for people."""

from __future__ import annotations

import math
from datetime import date
from typing import Final

__all__ = ["MODELS", "UNITS", "day", "money", "number", "percent", "span"]

MODELS: Final = {
    "BGNBD": "BG/NBD",
    "MBGNBD": "MBG/NBD",
    "ParetoNBD": "Pareto/NBD",
    "GammaGamma": "Gamma-Gamma",
}
UNITS: Final = {"D": "day", "W": "week", "M": "month", "Y": "year"}

_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def number(value: float, decimals: int = 0) -> str:
    """Write a number with its thousands apart; a dash for a missing one.

    Examples
    --------
    >>> number(12345.6), number(0.256, 2), number(float("nan"))
    ('12,346', '0.26', '–')
    """
    return f"{value:,.{decimals}f}" if math.isfinite(value) else "–"


def money(value: float, currency: str = "", *, decimals: int | None = None) -> str:
    """Write an amount: whole from a thousand up, with cents below.

    Examples
    --------
    >>> money(2500316.4, "$"), money(35.5), money(-7.0, "€")
    ('$2,500,316', '35.50', '-€7.00')
    """
    if not math.isfinite(value):
        return "–"
    places = decimals if decimals is not None else (0 if abs(value) >= 1000 else 2)
    return f"{'-' if value < 0 else ''}{currency}{abs(value):,.{places}f}"


def percent(share: float, decimals: int = 0) -> str:
    """Write a share as a percentage.

    Examples
    --------
    >>> percent(0.512), percent(0.004, 1), percent(float("nan"))
    ('51%', '0.4%', '–')
    """
    return f"{100 * share:.{decimals}f}%" if math.isfinite(share) else "–"


def span(count: float, unit: str) -> str:
    """Write a length of time.

    Examples
    --------
    >>> span(52, "W"), span(1, "Y"), span(2.5, "M")
    ('52 weeks', '1 year', '2.5 months')
    """
    return f"{count:g} {UNITS[unit]}{'' if count == 1 else 's'}"


def day(iso: str) -> str:
    """Write a day as people do, on one line.

    Examples
    --------
    >>> day("1997-09-30").split()
    ['30', 'September', '1997']
    """
    found = date.fromisoformat(iso[:10])
    return f"{found.day}\N{NO-BREAK SPACE}{_MONTHS[found.month - 1]}\N{NO-BREAK SPACE}{found.year}"
