"""The value matrix as a picture: each customer by current value and potential."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, MissingColumnsError
from crmanalytics.frames import Column, Contract, Kind, as_float
from crmanalytics.frames.eager import admit_eager
from crmanalytics.plots.quadrant import point_size, scatter_fields

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from crmanalytics.plots.quadrant import Spread

__all__ = ["plot_value_matrix"]

_MATRIX: Final = Contract(
    frame="matrix",
    columns=(Column(c.CURRENT, Kind.NUMBER), Column(c.POTENTIAL, Kind.NUMBER)),
    names_row_by=c.CUSTOMER_ID,
)
#: Colours that remain apart for colour-blind eyes (Okabe and Ito).
_COLOURS: Final = ("#009E73", "#0072B2", "#E69F00", "#999999")
_ORDER: Final = (("high", "high"), ("high", "low"), ("low", "high"), ("low", "low"))


def plot_value_matrix(
    matrix: Any,  # noqa: ANN401 - any frame that narwhals knows
    *,
    scale: Spread = "linear",
    ax: Axes | None = None,
) -> Axes:
    """Draw each customer by current value and potential, with the four strategies.

    Parameters
    ----------
    matrix : DataFrame
        What ``decisions.value_matrix`` returned.
    scale : {"linear", "log", "symlog"}
        Scale of both axes; money is easier to read on a logarithmic one.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, for further changes.

    Raises
    ------
    MissingColumnsError
        If the frame is no value matrix.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> from crmanalytics.decisions import value_matrix
    >>> values = pd.DataFrame({"current": [10.0, 0.0], "potential": [0.0, 20.0]})
    >>> plot_value_matrix(value_matrix(values, cuts=(5.0, 5.0))).get_xlabel()
    'Potential'
    """
    import matplotlib.pyplot as plt

    own = admit_eager(matrix, _MATRIX)
    wanted = ("current_level", "potential_level", c.STRATEGY)
    absent = [name for name in wanted if name not in own.columns]
    if absent:
        raise MissingColumnsError(f"matrix has no columns {absent}; see decisions.value_matrix")
    if not len(own):
        raise InvalidValuesError("matrix has no rows: there is nothing to draw")
    axes = plt.subplots(layout="constrained")[1] if ax is None else ax
    current, potential = as_float(own, c.CURRENT), as_float(own, c.POTENTIAL)
    levels = [np.array(own[name].to_list()) for name in wanted]
    called = levels[2]
    ranked = [
        str(called[inside][0])
        for value, promise in _ORDER
        if (inside := (levels[0] == value) & (levels[1] == promise)).any()
    ]
    scatter_fields(axes, potential, current, called, ranked, _COLOURS)
    axes.axhline(_border(current, levels[0]), color="black", linewidth=0.8)
    axes.axvline(_border(potential, levels[1]), color="black", linewidth=0.8)
    axes.set(xlabel="Potential", ylabel="Current value", title="Value matrix")
    axes.set(xscale=scale, yscale=scale)
    axes.legend(
        title="Strategy (customers)",
        loc="upper left",
        bbox_to_anchor=(1, 1),
        frameon=False,
        markerscale=max(1.0, 6.0 / point_size(len(own)) ** 0.5),
    )
    return axes


def _border(values: NDArray[np.float64], level: NDArray[Any]) -> float:
    """Return the lowest value that is high; above all of them where none is."""
    high = values[level == "high"]
    return float(high.min() if high.size else values.max())
