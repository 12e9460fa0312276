"""Customer equity: what the whole customer base is worth, and where that comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics import columns as c
from crmanalytics.clv.discounting.arguments import numbers
from crmanalytics.clv.discounting.projected import retention_value
from crmanalytics.clv.discounting.tables import per_customer
from crmanalytics.errors import MissingColumnsError, ParameterError
from crmanalytics.frames import Column, Contract, Kind, as_float
from crmanalytics.frames.eager import admit_eager, frame_like, with_new
from crmanalytics.inference import normal_interval
from crmanalytics.wording import no_column

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["customer_equity", "equity_components", "optimal_acquisition"]

_VALUED: Final = Contract(
    frame="values",
    columns=(
        Column(c.CLV, Kind.NUMBER),
        Column(c.STANDARD_ERROR, Kind.NUMBER, required=False, low=0),
        Column(c.WEIGHT, Kind.NUMBER, required=False, low=0),
    ),
    names_row_by=c.CUSTOMER_ID,
)


def customer_equity(
    values: Any,  # noqa: ANN401 - any frame that narwhals knows
    *,
    value: str = c.CLV,
    standard_error: str | None = None,
    correlation: float = 0.0,
    by: str | None = None,
    level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's kind of frame
    """Say what all customers together are worth: the sum of their discounted lifetime values.

    Parameters
    ----------
    values : DataFrame
        One row per customer: the value; a column weight, where present, says how many customers
        a row stands for.
    value : str
        Column of the value.
    standard_error : str, optional
        Column of each value's standard error.
    correlation : float
        Correlation of the errors of any two customers, 0 to 1. With values estimated one by one it
        is 0; where all depend on the same few estimated parameters it is near 1.
    by : str, optional
        Column to split the equity by, for example the segment.
    level : float
        Confidence level of the interval.

    Returns
    -------
    DataFrame
        One row, or one per group and sorted by it: the group, customers, equity, mean, and, with a
        standard error, standard_error, low, high.

    Raises
    ------
    MissingColumnsError, InvalidValuesError
        If the frame breaks its contract.
    ParameterError
        If an argument is out of bounds.

    References
    ----------
    Rust, R. T., Lemon, K. N. and Zeithaml, V. A. (2004). Return on marketing: using customer
    equity to focus marketing strategy. Journal of Marketing 68(1), 109-127.

    Examples
    --------
    >>> import pandas as pd
    >>> values = pd.DataFrame({"clv": [100.0, 60.0, -10.0], "se": [3.0, 4.0, 0.0]})
    >>> customer_equity(values, standard_error="se").round(1)
       customers  equity  mean  standard_error    low   high
    0        3.0   150.0  50.0             5.0  140.2  159.8
    """
    names = {} if value == c.CLV else {c.CLV: value}
    names |= {c.STANDARD_ERROR: standard_error} if standard_error else {}
    own = admit_eager(values, _VALUED, names=names)
    rho = float(numbers("correlation", correlation, low=0, high=1))
    group, labels = _groups(own, by)
    weight = as_float(own, c.WEIGHT) if c.WEIGHT in own.columns else np.ones(len(own))

    def total(x: Floats) -> Floats:
        order = np.lexsort((x, group))  # so that the rows' order has no effect
        return np.asarray(np.bincount(group[order], weights=x[order], minlength=len(labels)), float)

    size, equity = total(weight), total(weight * as_float(own, c.CLV))
    mean = np.divide(equity, size, out=np.zeros_like(equity), where=size > 0)
    table: dict[str, Any] = {by: labels} if by else {}
    table |= {"customers": size, "equity": equity, "mean": mean}
    if standard_error:
        error = as_float(own, c.STANDARD_ERROR)
        alike, apart = total(weight * error) ** 2, total(weight * error**2)
        spread = np.sqrt(rho * alike + (1 - rho) * apart)
        low, high = normal_interval(equity, spread, level)
        table |= {c.STANDARD_ERROR: spread, "low": low, "high": high}
    return frame_like(own, table)


def _groups(own: nw.DataFrame[Any], by: str | None) -> tuple[NDArray[np.intp], NDArray[Any]]:
    import pandas as pd

    if by is None:
        return np.zeros(len(own), np.intp), np.array(["all"])
    if by not in own.columns:
        raise MissingColumnsError(no_column("values", by, own.columns))
    codes, labels = pd.factorize(own[by].to_numpy(), sort=True, use_na_sentinel=False)
    return codes, np.asarray(labels)


def equity_components(
    segments: Any,  # noqa: ANN401 - any frame that narwhals knows
    *,
    prospects: float | str,
    acquisition_rate: float | str,
    acquisition_cost: float | str,
    first_margin: float | str,
    retention: float | str,
    margin: float | str,
    retention_cost: float | str,
    add_on_margin: float | str,
    add_on_cost: float | str,
    discount_rate: float,
    periods_per_year: float,
    horizon: int | None = None,
) -> Any:  # noqa: ANN401 - the caller's kind of frame
    """Split customer equity over acquisition, retention and add-on selling.

    With N prospects of whom the part a is won, at B per prospect approached:
    acquisition = N (a m_0 - B);
    retention = N a sum_{k=1..K} r^k (m - B_r) / (1+d)^k;
    add-on selling = N a sum_{k=1..K} r^k (m_ao - B_ao) / (1+d)^k.

    Parameters
    ----------
    segments : DataFrame
        One row per segment. Each argument below is a number for all, or the name of a column.
    prospects : float or str
        How many people are approached.
    acquisition_rate : float or str
        Part of them who become customers, 0 to 1.
    acquisition_cost : float or str
        Money per prospect approached.
    first_margin : float or str
        Margin of the first period, which acquisition brings.
    retention : float or str
        Probability of staying from one period to the next.
    margin : float or str
        Margin per later period of the product first bought.
    retention_cost : float or str
        Money per customer and later period, spent to keep him.
    add_on_margin : float or str
        Margin per later period from further products.
    add_on_cost : float or str
        Money per customer and later period, spent on selling them.
    discount_rate : float
        Per year.
    periods_per_year : float
        12 for months.
    horizon : int, optional
        Number of later periods (K); without it there is no end.

    Returns
    -------
    DataFrame
        The segments with the columns acquisition, retention_equity, add_on, equity (their sum).

    Raises
    ------
    ParameterError
        If an argument is out of bounds.

    References
    ----------
    Blattberg, R. C., Getz, G. and Thomas, J. S. (2001). Customer Equity: Building and Managing
    Relationships as Valuable Assets. Harvard Business School Press.

    Examples
    --------
    >>> import pandas as pd
    >>> segments = pd.DataFrame({"segment": ["a"], "prospects": [1000.0]})
    >>> split = equity_components(
    ...     segments, prospects="prospects", acquisition_rate=0.1, acquisition_cost=5.0,
    ...     first_margin=40.0, retention=0.8, margin=30.0, retention_cost=5.0,
    ...     add_on_margin=10.0, add_on_cost=2.0, discount_rate=0.1, periods_per_year=1,
    ... )
    >>> split[["acquisition", "retention_equity", "add_on", "equity"]].round(2)
       acquisition  retention_equity   add_on  equity
    0      -1000.0           6666.67  2133.33  7800.0
    """
    own = admit_eager(segments, Contract("segments", ()))
    people = per_customer(own, "prospects", prospects, low=0)
    won = people * per_customer(own, "acquisition_rate", acquisition_rate, low=0, high=1)
    stay = per_customer(own, "retention", retention, low=0, high=1)
    spent = per_customer(own, "acquisition_cost", acquisition_cost, low=0)
    keeping = per_customer(own, "margin", margin) - per_customer(
        own, "retention_cost", retention_cost, low=0
    )
    selling = per_customer(own, "add_on_margin", add_on_margin) - per_customer(
        own, "add_on_cost", add_on_cost, low=0
    )

    def later(profit: Floats) -> Floats:
        return retention_value(
            won * profit,
            stay,
            discount_rate,
            timing="end",
            first="at_risk",
            periods_per_year=periods_per_year,
            horizon=horizon,
        )

    parts = {
        "acquisition": won * per_customer(own, "first_margin", first_margin) - people * spent,
        "retention_equity": later(keeping),
        "add_on": later(selling),
    }
    equity = parts["acquisition"] + parts["retention_equity"] + parts["add_on"]
    return with_new(own, {**parts, "equity": equity})


def optimal_acquisition(
    *, spending: ArrayLike, acquisition_rate: ArrayLike, ceiling: ArrayLike, value: ArrayLike
) -> Floats:
    """Say how much to spend on each prospect, given what was won so far and could be at most.

    The rate responds to spending A as a(A) = ceiling (1 - e^(-k A)), with k from what is known:
    today's spending and rate. The profit a(A) value - A is highest at ln(k ceiling value) / k.

    Parameters
    ----------
    spending : array_like
        Money per prospect today.
    acquisition_rate : array_like
        Part of the prospects won today, below the ceiling.
    ceiling : array_like
        Part that could be won with any amount of money, up to 1.
    value : array_like
        Value of a customer won, before the acquisition cost.

    Returns
    -------
    ndarray of float64
        Best spending per prospect; 0 where no spending pays.

    Raises
    ------
    ParameterError
        If an argument is out of bounds.

    References
    ----------
    Blattberg, R. C. and Deighton, J. (1996). Manage marketing by the customer equity test. Harvard
    Business Review 74(4), 136-144.

    Examples
    --------
    >>> best = optimal_acquisition(spending=5.0, acquisition_rate=0.1, ceiling=0.2, value=100.0)
    >>> print(f"{float(best):.2f}")
    7.36
    """
    money = numbers("spending", spending, above=0)
    most = numbers("ceiling", ceiling, above=0, high=1)
    rate = numbers("acquisition_rate", acquisition_rate, above=0)
    worth = numbers("value", value)
    if np.any(rate >= most):
        raise ParameterError("acquisition_rate must be below ceiling")
    k = -np.log1p(-rate / most) / money
    return np.asarray(np.log(np.maximum(k * most * worth, 1.0)) / k)
