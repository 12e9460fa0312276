"""How a structural model is estimated: the choices, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmanalytics.errors import ParameterError
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from crmanalytics.satisfaction.structural.algorithm import Scheme

__all__ = ["Estimation"]


@dataclass(frozen=True)
class Estimation:
    """How a model is estimated.

    Parameters
    ----------
    scheme : {"path", "factorial", "centroid"}
        How a construct's neighbours are weighted.
    consistent : bool
        Whether correlations are corrected for attenuation (PLSc).
    standardise : bool
        Whether items count alike on the way to the weights, however much they vary.
    tolerance : float
        How far the largest weight may be from its limit.
    max_iterations : int
        Iterations at most.

    Raises
    ------
    ParameterError
        If one of them is out of its range.

    Examples
    --------
    >>> Estimation().scheme
    'path'
    """

    scheme: Scheme = "path"
    consistent: bool = False
    standardise: bool = True
    tolerance: float = 1e-10
    max_iterations: int = 1000

    def __post_init__(self) -> None:
        one_of("scheme", self.scheme, ("path", "factorial", "centroid"))
        if not 0 < self.tolerance < 1 or self.max_iterations < 2:
            raise ParameterError("tolerance must lie between 0 and 1, max_iterations be 2 or more")
