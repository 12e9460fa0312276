"""Referrals: how many customers each customer brings, and to whom the ones already here count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics import columns as c
from crmanalytics.clv.discounting.arguments import numbers
from crmanalytics.clv.discounting.tables import admit_sorted
from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import Column, Contract, Kind, as_float, as_numpy
from crmanalytics.frames.eager import admit_eager, frame_like

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["attribute_referrals", "referral_rates"]

_REFERRERS: Final = Contract(
    frame="customers",
    columns=(
        Column(c.CUSTOMER_ID, Kind.IDENTIFIER),
        Column(c.REFERRED, Kind.COUNT, low=0),
        Column(c.PERIODS, Kind.NUMBER, strictly_positive=True),
    ),
    names_row_by=c.CUSTOMER_ID,
    unique=(c.CUSTOMER_ID,),
)
_VALUES: Final = Contract(
    frame="values",
    columns=(Column(c.CUSTOMER_ID, Kind.IDENTIFIER), Column(c.CLV, Kind.NUMBER)),
    names_row_by=c.CUSTOMER_ID,
    unique=(c.CUSTOMER_ID,),
)
_LINKS: Final = Contract(
    frame="referrals",
    columns=(Column(c.CUSTOMER_ID, Kind.IDENTIFIER), Column(c.REFERRER_ID, Kind.IDENTIFIER)),
    names_row_by=c.CUSTOMER_ID,
    unique=(c.CUSTOMER_ID,),
)


def referral_rates(
    customers: Any,  # noqa: ANN401 - any frame that narwhals knows
    *,
    referred: str = c.REFERRED,
    periods: str = c.PERIODS,
    customer_id: str = c.CUSTOMER_ID,
) -> Any:  # noqa: ANN401 - the caller's kind of frame
    """Estimate how many new customers each customer refers per period.

    What was seen of one customer is drawn towards the mean of all, the more so the shorter he was
    watched and the less customers differ: the gamma-Poisson posterior mean.

    Parameters
    ----------
    customers : DataFrame
        One row per customer: customer_id, referred (new customers referred so far), periods (how
        long he was watched).
    referred, periods, customer_id : str
        The frame's names of these columns.

    Returns
    -------
    DataFrame
        One row per customer, sorted: customer_id, rate, standard_error (posterior standard
        deviation). Where the counts differ no more than chance makes them, all rates are the mean.

    Raises
    ------
    MissingColumnsError, InvalidValuesError
        If the frame breaks its contract.

    Notes
    -----
    The mean rate m is referred over periods, summed over all. The variance v of the rates is the
    moment estimate [sum (n_i - m e_i)^2 - sum m e_i] / sum e_i^2; the prior is Gamma(m^2/v, m/v).

    References
    ----------
    Marshall, R. J. (1991). Mapping disease and mortality rates using empirical Bayes estimators.
    Applied Statistics 40(2), 283-294.

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame(
    ...     {"customer_id": range(4), "referred": [0, 0, 1, 7], "periods": [10, 10, 10, 10]}
    ... )
    >>> referral_rates(customers).round(3)
       customer_id   rate  standard_error
    0            0  0.047           0.060
    1            1  0.047           0.060
    2            2  0.124           0.097
    3            3  0.582           0.211
    """
    names = {c.CUSTOMER_ID: customer_id, c.REFERRED: referred, c.PERIODS: periods}
    own = admit_sorted(customers, _REFERRERS, names)
    count, watched = as_float(own, c.REFERRED), as_float(own, c.PERIODS)
    rate, error = _posterior(count, watched)
    ids = as_numpy(own, c.CUSTOMER_ID)
    return frame_like(own, {c.CUSTOMER_ID: ids, "rate": rate, c.STANDARD_ERROR: error})


def _posterior(count: Floats, watched: Floats) -> tuple[Floats, Floats]:
    total = float(watched.sum())
    mean = float(count.sum()) / total if total else 0.0
    expected = mean * watched
    extra = ((count - expected) ** 2).sum() - expected.sum()
    if mean == 0 or extra <= 0:
        pooled = np.sqrt(mean / total) if total else 0.0
        return np.full(len(count), mean), np.full(len(count), pooled)
    variance = extra / (watched**2).sum()
    shape, rate = mean**2 / variance + count, mean / variance + watched
    return shape / rate, np.sqrt(shape) / rate


def attribute_referrals(
    values: Any,  # noqa: ANN401 - any frame that narwhals knows
    referrals: Any,  # noqa: ANN401 - any frame that narwhals knows
    *,
    share: float,
    value: str = c.CLV,
) -> Any:  # noqa: ANN401 - the caller's kind of frame
    """Credit referrers with a part of the value of those they brought, without counting it twice.

    The part credited to the referrer is taken from the referred, so that the sum over all
    customers stays what it was. Only a customer's own value is shared, not what he was credited
    with, so that chains of referrals count once as well.

    Parameters
    ----------
    values : DataFrame
        One row per customer: customer_id and the value.
    referrals : DataFrame
        One row per referred customer: customer_id, referrer_id; both must be in `values`.
    share : float
        Part of the referred customer's value that is credited to the referrer, 0 to 1.
    value : str
        Column of the value.

    Returns
    -------
    DataFrame
        One row per customer, sorted: customer_id, own (value before), given (to the referrer),
        received (from the referred), clv = own - given + received.

    Raises
    ------
    MissingColumnsError, InvalidValuesError
        If a frame breaks its contract, a customer is unknown, or refers himself.
    ParameterError
        If the share is not between 0 and 1.

    Examples
    --------
    >>> import pandas as pd
    >>> values = pd.DataFrame({"customer_id": ["a", "b"], "clv": [100.0, 60.0]})
    >>> links = pd.DataFrame({"customer_id": ["b"], "referrer_id": ["a"]})
    >>> attribute_referrals(values, links, share=0.5)
      customer_id    own  given  received    clv
    0           a  100.0    0.0      30.0  130.0
    1           b   60.0   30.0       0.0   30.0
    """
    import pandas as pd

    part = float(numbers("share", share, low=0, high=1))
    own = admit_sorted(values, _VALUES, {c.CLV: value})
    links = admit_eager(referrals, _LINKS)
    ids, worth = as_numpy(own, c.CUSTOMER_ID), as_float(own, c.CLV)
    index = pd.Index(ids)
    brought = index.get_indexer(pd.Index(as_numpy(links, c.CUSTOMER_ID)))
    by = index.get_indexer(pd.Index(as_numpy(links, c.REFERRER_ID)))
    _check_links(brought, by)
    given, received = np.zeros(len(worth)), np.zeros(len(worth))
    given[brought] = part * worth[brought]
    order = np.lexsort((brought, by))
    np.add.at(received, by[order], part * worth[brought[order]])
    return frame_like(
        own,
        {
            c.CUSTOMER_ID: ids,
            "own": worth,
            "given": given,
            "received": received,
            c.CLV: worth - given + received,
        },
    )


def _check_links(brought: NDArray[np.intp], by: NDArray[np.intp]) -> None:
    unknown = int(((brought < 0) | (by < 0)).sum())
    himself = int(((brought == by) & (by >= 0)).sum())
    problems = []
    if unknown:
        problems.append(f"{unknown:,} rows of referrals name a customer who is not in values")
    if himself:
        problems.append(f"{himself:,} customers refer themselves")
    if problems:
        raise InvalidValuesError("; ".join(problems) + ". Remove such rows.")
