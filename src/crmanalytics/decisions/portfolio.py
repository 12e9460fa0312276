"""Ready-made matrices: value by growth, by churn risk, by satisfaction, and share of wallet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from crmanalytics import columns as c
from crmanalytics.decisions.axis import axis_at
from crmanalytics.decisions.two_way import two_way
from crmanalytics.frames import Column, Contract, Kind, admit_eager, as_float, with_new
from crmanalytics.frames import with_parameters as keep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmanalytics.decisions.axis import Axis, Cut

__all__ = [
    "CHURN_RULES",
    "GROWTH_RULES",
    "SATISFACTION_RULES",
    "WALLET_RULES",
    "churn_risk_matrix",
    "growth_portfolio",
    "satisfaction_matrix",
    "wallet_matrix",
]

Rules = dict[tuple[str, str], str]

_HIGH: Final = "high"
_LOW: Final = "low"
_UNKNOWN: Final = "unknown"

#: (value, growth) to field.
GROWTH_RULES: Final[Rules] = {
    (_HIGH, _HIGH): "star",
    (_HIGH, _LOW): "cash cow",
    (_LOW, _HIGH): "question mark",
    (_LOW, _LOW): "dog",
}
#: (value, churn risk) to field.
CHURN_RULES: Final[Rules] = {
    (_HIGH, _HIGH): "save",
    (_HIGH, _LOW): "keep",
    (_LOW, _LOW): "maintain",
    (_LOW, _HIGH): "let go",
}
#: (value, satisfaction) to field; dissatisfied customers of high value come first.
SATISFACTION_RULES: Final[Rules] = {
    (_HIGH, _LOW): "rescue",
    (_HIGH, _UNKNOWN): "ask first",
    (_HIGH, _HIGH): "cherish",
    (_LOW, _LOW): "mend",
    (_LOW, _HIGH): "develop",
    (_LOW, _UNKNOWN): "ask later",
}
#: (wallet, share of it) to field.
WALLET_RULES: Final[Rules] = {
    (_HIGH, _LOW): "win",
    (_HIGH, _HIGH): "guard",
    (_LOW, _HIGH): "serve",
    (_LOW, _LOW): "leave",
}


def growth_portfolio(
    customers: Any,  # noqa: ANN401 - any eager frame
    *,
    value: str = c.TOTAL,
    growth: str = c.GROWTH,
    value_from: Cut | Axis = "median",
    growth_from: Cut | Axis = 0.0,
    rules: Mapping[tuple[str, str], str] | None = None,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Sort customers into stars, cash cows, question marks and dogs, by value and growth.

    ==============  ==============================  ========================================
    value           growing                         not growing
    ==============  ==============================  ========================================
    high            star: invest and grow together  cash cow: harvest, keep cheaply
    low             question mark: test and choose  dog: serve cheaply or let go
    ==============  ==============================  ========================================

    Parameters
    ----------
    customers : DataFrame
        One row per customer.
    value, growth : str
        The columns; for growth see :func:`customer_growth`.
    value_from, growth_from : {"median", "mean"}, float or Axis
        From where on each is high. Growth counts as high from 0 on unless you say otherwise.
    rules : mapping, optional
        Other fields, by (level of value, level of growth); :data:`GROWTH_RULES` by default.

    Returns
    -------
    DataFrame
        As :func:`two_way` returns it; the field is ``portfolio``.

    Raises
    ------
    DataError, ParameterError
        As for :func:`two_way`.

    References
    ----------
    Henderson, B. (1970), The product portfolio, BCG Perspectives, with customers for products
    and their value for relative market share.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.decisions import growth_portfolio
    >>> customers = pd.DataFrame({"total": [90.0, 70.0, 5.0], "growth": [0.5, -0.1, 0.3]})
    >>> growth_portfolio(customers, value_from=50.0)["portfolio"].tolist()
    ['star', 'cash cow', 'question mark']
    """
    up = axis_at(customers, value, value_from)
    across = axis_at(customers, growth, growth_from)
    return two_way(customers, up, across, rules or GROWTH_RULES, name="portfolio")


def churn_risk_matrix(
    customers: Any,  # noqa: ANN401 - any eager frame
    *,
    value: str = c.TOTAL,
    risk: str = c.CHURN_RISK,
    value_from: Cut | Axis = "median",
    risk_from: Cut | Axis = "median",
    rules: Mapping[tuple[str, str], str] | None = None,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say whom to save first: customers by what they are worth and how likely they are to leave.

    Parameters
    ----------
    customers : DataFrame
        One row per customer.
    value, risk : str
        The columns; `risk` holds probabilities of leaving, for example ``1 - p_alive``.
    value_from, risk_from : {"median", "mean"}, float or Axis
        From where on each is high.
    rules : mapping, optional
        Other fields, by (level of value, level of risk); :data:`CHURN_RULES` by default: save,
        keep, maintain, let go.

    Returns
    -------
    DataFrame
        As :func:`two_way` returns it; the field is ``retention``. Besides ``value_at_risk``, the
        value times the risk, by which :func:`priority_list` may order.

    Raises
    ------
    DataError
        If a risk is not between 0 and 1, or as for :func:`two_way`.
    ParameterError
        As for :func:`two_way`.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.decisions import churn_risk_matrix
    >>> customers = pd.DataFrame({"total": [90.0, 70.0], "churn_risk": [0.5, 0.1]})
    >>> churn_risk_matrix(customers, value_from=50.0)[["retention", "value_at_risk"]]
      retention  value_at_risk
    0      save           45.0
    1      keep            7.0
    """
    columns = (Column(risk, Kind.NUMBER, low=0, high=1), Column(value, Kind.NUMBER))
    admit_eager(customers, Contract("customers", columns, names_row_by=c.CUSTOMER_ID))
    up = axis_at(customers, value, value_from)
    across = axis_at(customers, risk, risk_from)
    made = two_way(customers, up, across, rules or CHURN_RULES, name="retention")
    kept = getattr(made, "attrs", {}).get("crmanalytics", {})
    own = admit_eager(made, Contract("customers", columns))
    exposed = as_float(own, value) * as_float(own, risk)
    return keep(with_new(own, {"value_at_risk": exposed}), **kept)


def satisfaction_matrix(
    customers: Any,  # noqa: ANN401 - any eager frame
    *,
    satisfied_from: float | Axis,
    value: str = c.TOTAL,
    satisfaction: str = c.SATISFACTION,
    value_from: Cut | Axis = "median",
    rules: Mapping[tuple[str, str], str] | None = None,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Find the dissatisfied customers of high value, who come first, and what to do for the others.

    Few customers answer surveys. Those who did not are kept apart as "unknown": a customer of high
    value who was never asked is the second thing to see to.

    Parameters
    ----------
    customers : DataFrame
        One row per customer.
    satisfied_from : float or Axis
        From which answer on a customer is satisfied, in the unit of the survey's scale.
    value, satisfaction : str
        The columns; satisfaction may be missing.
    value_from : {"median", "mean"}, float or Axis
        From where on the value is high.
    rules : mapping, optional
        Other fields, by (level of value, level of satisfaction), ``"unknown"`` being one;
        :data:`SATISFACTION_RULES` by default.

    Returns
    -------
    DataFrame
        As :func:`two_way` returns it; the field is ``care``: rescue, ask first, cherish, mend,
        develop, ask later.

    Raises
    ------
    DataError, ParameterError
        As for :func:`two_way`.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.decisions import satisfaction_matrix
    >>> customers = pd.DataFrame({"total": [90.0, 80.0, 5.0], "satisfaction": [2, None, 9]})
    >>> found = satisfaction_matrix(customers, value_from=50.0, satisfied_from=7)
    >>> found[["care", "care_priority"]]
            care  care_priority
    0     rescue              1
    1  ask first              2
    2    develop              5
    """
    up = axis_at(customers, value, value_from)
    across = axis_at(customers, satisfaction, satisfied_from, missing=_UNKNOWN)
    chosen = dict(rules or SATISFACTION_RULES)
    if across.missing is None and rules is None:
        chosen = {pair: name for pair, name in chosen.items() if pair[1] != _UNKNOWN}
    return two_way(customers, up, across, chosen, name="care")


def wallet_matrix(
    customers: Any,  # noqa: ANN401 - any eager frame
    *,
    wallet: str = c.WALLET,
    share: str = "share_of_wallet",
    wallet_from: Cut | Axis = "median",
    share_from: Cut | Axis = 0.5,
    rules: Mapping[tuple[str, str], str] | None = None,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say whose wallet to win and whose to guard, by what customers could spend and spend here.

    Parameters
    ----------
    customers : DataFrame
        One row per customer; see :func:`share_of_wallet`.
    wallet, share : str
        The columns: money that a customer could spend, and which share of it comes to us. A
        customer without a wallet has no share and is "unknown".
    wallet_from, share_from : {"median", "mean"}, float or Axis
        From where on each is high.
    rules : mapping, optional
        Other fields, by (level of wallet, level of share); :data:`WALLET_RULES` by default: win,
        guard, serve, leave.

    Returns
    -------
    DataFrame
        As :func:`two_way` returns it; the field is ``wallet_field``.

    Raises
    ------
    DataError, ParameterError
        As for :func:`two_way`.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.decisions import share_of_wallet, wallet_matrix
    >>> customers = pd.DataFrame({"spend": [10.0, 70.0, 5.0], "wallet": [100.0, 80.0, 5.0]})
    >>> wallet_matrix(share_of_wallet(customers))["wallet_field"].tolist()
    ['win', 'guard', 'serve']
    """
    up = axis_at(customers, wallet, wallet_from)
    across = axis_at(customers, share, share_from, missing=_UNKNOWN)
    chosen = dict(rules or {**WALLET_RULES, ("*", _UNKNOWN): "leave"})
    if across.missing is None and rules is None:
        del chosen["*", _UNKNOWN]
    return two_way(customers, up, across, chosen, name="wallet_field")
