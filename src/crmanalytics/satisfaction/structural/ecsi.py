"""The European customer satisfaction index: seven constructs, twelve paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from crmanalytics.errors import ParameterError
from crmanalytics.satisfaction.structural.model import structural_model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crmanalytics.satisfaction.structural.model import Mode, StructuralModel

__all__ = ["ECSI_CONSTRUCTS", "ecsi"]

#: What the index speaks of, causes first.
ECSI_CONSTRUCTS: Final = (
    "Image", "Expectation", "Quality", "Value", "Satisfaction", "Complaints", "Loyalty",
)  # fmt: skip

_PATHS: Final = (
    ("Image", "Expectation"),
    ("Image", "Satisfaction"),
    ("Image", "Loyalty"),
    ("Expectation", "Quality"),
    ("Expectation", "Value"),
    ("Expectation", "Satisfaction"),
    ("Quality", "Value"),
    ("Quality", "Satisfaction"),
    ("Value", "Satisfaction"),
    ("Satisfaction", "Complaints"),
    ("Satisfaction", "Loyalty"),
    ("Complaints", "Loyalty"),
)

_ITEMS: Final = {
    "Image": ("IMAG", 5),
    "Expectation": ("CUEX", 3),
    "Quality": ("PERQ", 7),
    "Value": ("PERV", 2),
    "Satisfaction": ("CUSA", 3),
    "Complaints": ("CUSCO", 0),
    "Loyalty": ("CUSL", 3),
}


def ecsi(
    items: Mapping[str, Sequence[str]] | None = None, *, modes: Mapping[str, Mode] | None = None
) -> StructuralModel:
    """Return the ready-made model of the European customer satisfaction index.

    Image drives expectation, satisfaction and loyalty; expectation drives perceived quality, value
    and satisfaction; quality drives value and satisfaction; value drives satisfaction; satisfaction
    drives complaints and loyalty; the handling of complaints drives loyalty.

    Parameters
    ----------
    items : mapping of str to sequence of str, optional
        Construct (those of ``ECSI_CONSTRUCTS``) to columns of your survey; without it, the names of
        the published mobile-phone survey: IMAG1..5, CUEX1..3, PERQ1..7, PERV1..2, CUSA1..3, CUSCO,
        CUSL1..3.
    modes : mapping of str to {"A", "B"}, optional
        How items are weighted, where not by mode A.

    Returns
    -------
    StructuralModel
        The model.

    Raises
    ------
    ParameterError
        If the constructs are not those of the model.

    References
    ----------
    Tenenhaus, M., Esposito Vinzi, V., Chatelin, Y.-M. and Lauro, C. (2005), PLS path modeling,
    *Computational Statistics & Data Analysis* 48, 159-205, figure 1.

    Examples
    --------
    >>> model = ecsi()
    >>> len(model.items), len(model.paths)
    (24, 12)
    """
    if items is None:
        named = {k: _numbered(stem, count) for k, (stem, count) in _ITEMS.items()}
        return structural_model(named, _PATHS, modes=modes)
    lacking = [name for name in ECSI_CONSTRUCTS if name not in items]
    strange = sorted(set(items) - set(ECSI_CONSTRUCTS))
    if lacking or strange:
        raise ParameterError(
            f"items must be given for each construct of the index: without {lacking}, not of the "
            f"index {strange}. For another model use structural_model(...)."
        )
    return structural_model({k: items[k] for k in ECSI_CONSTRUCTS}, _PATHS, modes=modes)


def _numbered(stem: str, count: int) -> tuple[str, ...]:
    return tuple(f"{stem}{k}" for k in range(1, count + 1)) if count else (stem,)
