"""Fitting a buy-till-you-die model to cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from crmanalytics.clv.cells import cells_of
from crmanalytics.clv.fit import Fit
from crmanalytics.clv.fitting import maximise
from crmanalytics.clv.grouping import group_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.clv.btyd.hooks import PurchaseFormulas
    from crmanalytics.clv.cells import Cells

    Floats = NDArray[np.float64]

__all__ = ["estimate"]

Model = TypeVar("Model", bound="PurchaseFormulas")


def estimate(
    cls: type[Model], cells: Cells, *, unit: str | None, penalty: float, settings: dict[str, Any]
) -> Fit[Model]:
    """Return the model of a class at the maximum of its likelihood on some cells."""
    rough = _coarser(cells) if len(cells) > cls.COARSE_CELLS else None
    maximum = maximise(
        cls._objective(cells, settings),
        cls._starts(cells),
        n=cells.n,
        rough=cls._objective(rough, settings) if rough else None,
        penalty=penalty,
        centre=cls._prior_centre(cells),
        names=cls.parameter_names(),
    )
    estimates = map(float, np.exp(maximum.log_parameters))
    named = dict(zip(cls.parameter_names(), estimates, strict=True))
    model = cls(**named, **settings, unit=unit or cells.unit)
    return Fit.of(model, maximum, cells.n, penalty)


def _coarser(cells: Cells, levels: int = 40) -> Cells:
    """Return cells with times rounded to a grid, as a cheap likeness of the data."""
    step = max(float(cells.T.max()), 1e-300) / levels
    T = np.ceil(cells.T / step) * step
    t_x = np.minimum(np.round(cells.recency / step) * step, T)
    t_x = np.where(cells.frequency > 0, np.maximum(t_x, np.minimum(step / 2, T)), 0.0)
    groups = group_rows(cells.frequency, t_x, T)
    return cells_of(groups, groups.totals(cells.weight), cells.frame)
