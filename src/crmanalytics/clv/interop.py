"""Models fitted elsewhere, as models of ours."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from crmanalytics.clv.btyd import BGBB, BGNBD, MBGNBD, ParetoNBD
from crmanalytics.clv.spend import GammaGamma
from crmanalytics.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmanalytics.clv.btyd import PurchaseModel

__all__ = ["from_lifetimes"]

_OURS: Final[Mapping[str, type[PurchaseModel | GammaGamma]]] = MappingProxyType(
    {
        "BetaGeoFitter": BGNBD,
        "ModifiedBetaGeoFitter": MBGNBD,
        "ParetoNBDFitter": ParetoNBD,
        "BetaGeoBetaBinomFitter": BGBB,
        "GammaGammaFitter": GammaGamma,
    }
)


def from_lifetimes(fitter: object, *, unit: str | None = None) -> PurchaseModel | GammaGamma:
    """Return the model that a fitted object of the package lifetimes stands for.

    The parameters are taken as they are; standard errors are not, since that package's rest on
    rescaled data. To have them, fit again: the frame that it was fitted to can be passed to ``fit``
    unchanged. The package itself is not imported.

    Parameters
    ----------
    fitter : object
        A fitted BetaGeoFitter, ModifiedBetaGeoFitter, ParetoNBDFitter, BetaGeoBetaBinomFitter or
        GammaGammaFitter, or an object of a class derived from one.
    unit : str, optional
        Time unit of the data it was fitted to (D, W, M, Y), which it does not know.

    Returns
    -------
    model
        BGNBD, MBGNBD, ParetoNBD, BGBB or GammaGamma.

    Raises
    ------
    ParameterError
        If the object is none of these, or has not been fitted.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> their_class = type("BetaGeoFitter", (SimpleNamespace,), {})  # or the real one
    >>> fitted = their_class(params_={"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    >>> from_lifetimes(fitted, unit="W")
    BGNBD(unit='W', r=0.243, alpha=4.414, a=0.793, b=2.426)
    """
    lineage = [kind.__name__ for kind in type(fitter).__mro__]
    known = next((name for name in lineage if name in _OURS), None)
    if known is None:
        raise ParameterError(
            f"fitter must be a fitted {', '.join(_OURS)} of lifetimes, not a {lineage[0]}"
        )
    cls = _OURS[known]
    return cls(**_parameters(fitter, cls.parameter_names()), unit=unit)


def _parameters(fitter: object, names: tuple[str, ...]) -> dict[str, Any]:
    found = getattr(fitter, "params_", None)
    if found is None:
        raise ParameterError(
            f"this {type(fitter).__name__} has not been fitted: call its fit first"
        )
    absent = [name for name in names if name not in found]
    if absent:
        raise ParameterError(f"this {type(fitter).__name__} has no parameters {absent} in params_")
    return {name: float(found[name]) for name in names}
