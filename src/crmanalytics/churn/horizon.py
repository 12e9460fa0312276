"""Which silence means that a customer has left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from crmanalytics import columns as c
from crmanalytics.churn.history import purchase_days
from crmanalytics.churn.log import last_covered, read_log
from crmanalytics.churn.windows import whole_days
from crmanalytics.errors import FitError, ParameterError
from crmanalytics.frames import (
    CUSTOMERS,
    admit_eager,
    as_float,
    column_like,
    frame_like,
    with_parameters,
)
from crmanalytics.inference import normal_quantile, wilson_interval
from crmanalytics.transactions.units import as_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from crmanalytics.churn.log import LogNames
    from crmanalytics.churn.outlook import PurchaseForecast
    from crmanalytics.churn.windows import Span
    from crmanalytics.transactions.units import Day

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

__all__ = ["churn_horizon", "silence_limits"]

_HALVINGS = 60
_FARTHEST = 1e6  # of silence, in the customer's T


def churn_horizon(
    transactions: Any,  # noqa: ANN401 - any eager frame
    *,
    within: Span,
    quantiles: Sequence[float] = (0.5, 0.8, 0.9, 0.95, 0.99),
    until: Day | None = None,
    level: float = 0.95,
    time_zone: str | None = None,
    **names: Unpack[LogNames],
) -> Any:  # noqa: ANN401 - the kind that came in
    """Say how long most customers take to come back, and who comes back after longer silences.

    The usual rule takes a high quantile of the time between purchases for the silence that means
    churn. It looks only at those who came back. The second half of the table says what the rule
    is worth: of all silences that had grown to that length, how many ended in a purchase soon.

    Parameters
    ----------
    transactions : DataFrame
        The purchase log.
    within : int, str or timedelta
        How soon after the silence has grown so long a purchase counts as coming back. Silences
        that could not be followed for as long are not counted.
    quantiles : sequence of float
        Of the time between two purchase days.
    until : date, optional
        Last day that the data cover; that of the log if not given, which is logged.
    level : float
        Confidence level.
    time_zone, **names
        As for :func:`label`.

    Returns
    -------
    DataFrame
        One row per quantile: ``quantile``, ``days``, ``days_low`` and ``days_high`` (Woodruff's
        interval, with the gaps of a customer taken together), ``silences`` (followed silences
        that grew to this length), ``returned`` (the share that ended within `within` days more),
        ``low`` and ``high`` (Wilson).

    Raises
    ------
    FitError
        If nobody bought twice.
    ParameterError
        If an argument is out of bounds.

    References
    ----------
    Woodruff, R. S. (1952), Confidence intervals for medians and other position measures, Journal
    of the American Statistical Association 47(260), 635-646.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> log = crm.datasets.load_cdnow_sample()
    >>> found = crm.churn.churn_horizon(log, within=90, quantiles=[0.8, 0.95], until="1998-06-30")
    >>> found[["quantile", "days", "silences", "returned"]].round(3)
       quantile   days  silences  returned
    0      0.80  117.0      2618     0.167
    1      0.95  279.0      1731     0.068
    """
    shares = np.asarray(quantiles, dtype=float)
    if not len(shares) or not ((shares > 0) & (shares < 1)).all():
        raise ParameterError(f"quantiles must lie between 0 and 1, not {list(quantiles)}")
    soon = whole_days(within, "within")
    log = read_log(transactions, time_zone=time_zone, **names)
    last = last_covered(log, until)
    bought = purchase_days(log.before(last + 1))
    inside = bought.codes[1:] == bought.codes[:-1]
    gaps, whose = np.diff(bought.days)[inside], bought.codes[1:][inside]
    if not len(gaps):
        raise FitError("nobody in transactions bought on two days: there are no times between")
    days, low, high = _quantiles(gaps, whose, shares, level)
    rows = [_returns(bought.days, inside, gaps, last, day, soon) for day in days]
    silences, back = np.array([n for n, _ in rows]), np.array([k for _, k in rows])
    share = np.divide(back, silences, out=np.full(len(back), np.nan), where=silences > 0)
    bounds = wilson_interval(back.astype(float), silences.astype(float), level)
    made = {
        "quantile": shares,
        "days": days,
        "days_low": low,
        "days_high": high,
        "silences": silences,
        "returned": share,
        "low": bounds[0],
        "high": bounds[1],
    }
    return with_parameters(frame_like(log.own, made), within=soon, until=as_text(last), level=level)


def _quantiles(
    gaps: Ints, whose: Ints, shares: Floats, level: float
) -> tuple[Floats, Floats, Floats]:
    """Return quantiles with intervals that know which gaps are of one customer."""
    ordered = np.sort(gaps)
    days = np.quantile(ordered, shares, method="inverted_cdf").astype(float)
    _, customer = np.unique(whose, return_inverse=True)
    number = customer.max() + 1
    factor = np.sqrt(number / (number - 1)) if number > 1 else np.nan
    bounds = []
    for day, share in zip(days, shares, strict=True):
        below = (gaps <= day).astype(float)
        excess = np.bincount(customer, weights=below - below.mean())
        error = factor * float(np.sqrt((excess**2).sum())) / len(gaps)
        reach = normal_quantile(level) * error
        ends = np.clip([share - reach, share + reach], 0, 1)
        bounds.append(np.quantile(ordered, ends, method="inverted_cdf"))
    both = np.array(bounds, dtype=float)
    return days, both[:, 0], both[:, 1]


def _returns(
    days: Ints, inside: NDArray[np.bool_], gaps: Ints, last: int, length: float, soon: int
) -> tuple[int, int]:
    """Return how many silences grew to a length and could be followed, and how many ended soon."""
    followed = days + length + soon <= last
    ended = np.flatnonzero(inside)
    lasts = np.full(len(days), np.inf)
    lasts[ended] = gaps
    grown = followed & (lasts > length)
    return int(grown.sum()), int((grown & (lasts <= length + soon)).sum())


def silence_limits(
    customers: Any,  # noqa: ANN401 - any eager frame
    model: PurchaseForecast,
    *,
    threshold: float = 0.5,
) -> Any:  # noqa: ANN401 - a Series of the frame's kind
    """Say for each customer how long a silence would make a living customer the less likely case.

    Who buys every week has left after a month; who buys once a year has not. The limit is the
    silence after which P(alive) falls below the threshold, given the purchases made so far.

    Parameters
    ----------
    customers : DataFrame
        ``frequency``, ``recency`` and ``T``, as ``summarize`` gives them.
    model : model or Fit
        A model of purchases, such as ``crm.clv.MBGNBD``, in the frame's unit of time.
    threshold : float
        Between 0 and 1.

    Returns
    -------
    Series
        Silence since the last purchase in the frame's unit of time; infinite where no silence is
        long enough (the BG/NBD never gives up customers with a single purchase), 0 where P(alive)
        is below the threshold from the start.

    Raises
    ------
    DataError
        If the frame breaks its contract.
    ParameterError
        If the threshold is out of bounds.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> model = crm.clv.MBGNBD(0.525, 6.183, 0.891, 1.614)
    >>> customers = pd.DataFrame({"frequency": [2, 20], "recency": [30.0, 30.0], "T": [39.0] * 2})
    >>> crm.churn.silence_limits(customers, model).round(1).to_list()
    [26.8, 6.1]
    """
    if not 0 < threshold < 1:
        raise ParameterError(f"threshold must lie between 0 and 1, not {threshold!r}")
    own = admit_eager(customers, CUSTOMERS)
    forecast = getattr(model, "model", model)
    frequency, recency = as_float(own, c.FREQUENCY), as_float(own, c.RECENCY)

    def alive(silence: Floats) -> Floats:
        frame = frame_like(
            own, {c.FREQUENCY: frequency, c.RECENCY: recency, c.T: recency + silence}
        )
        return np.asarray(forecast.probability_alive(frame), dtype=float)

    low = np.zeros(len(frequency))
    high = np.full(len(frequency), _FARTHEST * max(1.0, float(as_float(own, c.T).max(initial=1))))
    never, at_once = alive(high) >= threshold, alive(low) < threshold
    for _ in range(_HALVINGS):
        middle = np.where(low > 0, np.sqrt(low * high), high * 2.0**-30)
        above = alive(middle) >= threshold
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    limit = np.where(never, np.inf, np.where(at_once, 0.0, (low + high) / 2))
    return column_like(own, "silence_limit", limit)
