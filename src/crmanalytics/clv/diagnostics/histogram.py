"""How often customers bought, beside how often a model expects them to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.clv.cells import count_cells
from crmanalytics.clv.diagnostics.arguments import at_least_one
from crmanalytics.clv.fit import the_model
from crmanalytics.frames import frame_like

if TYPE_CHECKING:
    from crmanalytics.clv.btyd.base import PurchaseModel
    from crmanalytics.clv.fit import Fit

__all__ = ["frequency_histogram"]


def frequency_histogram(
    model: PurchaseModel | Fit[PurchaseModel],
    customers: Any,  # noqa: ANN401 - any frame, or Cells
    *,
    most: int = 7,
    weight: str | None = None,
) -> Any:  # noqa: ANN401 - the kind that came in
    """Count customers by repeat purchases, beside the numbers that the model expects.

    Parameters
    ----------
    model : model or Fit
        A model of purchases.
    customers : DataFrame or Cells
        frequency, recency, T: as a rule those that the model was fitted to.
    most : int
        Customers with so many repeat purchases or more are put together.
    weight : str, optional
        Column with the number of customers that a row stands for.

    Returns
    -------
    DataFrame
        Of the same kind, one row per number of repeat purchases from 0 to `most`: ``frequency``,
        ``or_more`` (true in the last row), ``actual`` and ``expected`` (customers).

    Raises
    ------
    DataError
        If the frame breaks the contract of customers.
    ParameterError
        If `most` is not a positive whole number.

    References
    ----------
    Fader, Hardie & Lee (2005), "Counting your customers" the easy way: an alternative to the
    Pareto/NBD model. Marketing Science 24(2), 275-284, equation 8 and figure 1.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> customers = crm.datasets.load_cdnow_summary()
    >>> fit = crm.clv.BGNBD.fit(customers)
    >>> crm.clv.diagnostics.frequency_histogram(fit, customers, most=3).round(1)
       frequency  or_more  actual  expected
    0          0    False  1411.0    1407.7
    1          1    False   439.0     460.3
    2          2    False   214.0     192.5
    3          3     True   293.0     296.5
    """
    known, most = the_model(model), at_least_one(most)
    cells = count_cells(customers, weight)
    times, place = np.unique(cells.T, return_inverse=True)
    share = np.bincount(place, cells.weight)
    numbers = np.arange(most)
    below = known.purchase_count_probability(numbers[:, None], times[None, :]) @ share
    seen = np.minimum(cells.frequency, most).astype(np.intp)
    return frame_like(
        cells.frame,
        {
            "frequency": np.arange(most + 1),
            "or_more": np.arange(most + 1) == most,
            "actual": np.bincount(seen, cells.weight, minlength=most + 1),
            "expected": np.append(below, max(cells.n - float(below.sum()), 0.0)),
        },
    )
