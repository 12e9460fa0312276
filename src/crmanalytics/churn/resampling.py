"""The bootstrap: customers drawn again with replacement, as often as there are customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import ParameterError
from crmanalytics.inference import check_level
from crmanalytics.transactions.encoding import codes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

    Measures = Callable[[Floats | None], dict[str, float]]

__all__ = ["check_draws", "clusters_of", "measured", "redraws", "spread"]


def measured(
    own: nw.DataFrame[Any],
    order: NDArray[np.intp],
    measures: Measures,
    *,
    customer_id: str,
    draws: int,
    seed: int,
    level: float,
    reflected: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Return the columns of a table of measures, with what samples of customers say of each.

    The bounds are percentiles of the samples. Measures that are never negative and lie too high by
    chance lie higher still in samples: their bounds are `reflected` at the estimate.

    Examples
    --------
    >>> import narwhals.stable.v2 as nw
    >>> import pandas as pd
    >>> own = nw.from_native(pd.DataFrame({"who": ["b", "a", "b"]}), eager_only=True)
    >>> def measures(times):
    ...     return {"rows": 3.0 if times is None else times.sum()}
    >>> found = measured(
    ...     own, np.arange(3), measures, customer_id="who", draws=50, seed=1, level=0.9
    ... )
    >>> found["estimate"].tolist(), found["low"].tolist(), found["high"].tolist()
    ([3.0], [2.0], [4.0])
    """
    found = measures(None)
    clusters = clusters_of(own, customer_id, order)
    samples = redraws(clusters, len(order), draws=draws, seed=seed)
    error, low, high = spread(
        lambda times: np.array(list(measures(times).values())), samples, level
    )
    units = len(order) if clusters is None else int(clusters.max()) + 1
    method = f"bootstrap of {units:,} customers, {draws:,} draws" if draws else "no interval"
    estimate, turned = np.array(list(found.values())), np.isin(list(found), reflected)
    ends = (np.maximum(2.0 * estimate - end, 0.0) for end in (high, low))
    below, above = (np.where(turned, *each) for each in zip(ends, (low, high), strict=True))
    return {
        "metric": list(found),
        "estimate": estimate,
        c.STANDARD_ERROR: error * np.ones(len(found)),
        "low": below,
        "high": above,
        "method": [f"{method}, reflected" if turn and draws else method for turn in turned],
    }


def clusters_of(own: nw.DataFrame[Any], customer_id: str, order: NDArray[np.intp]) -> Ints | None:
    """Return the number of each row's customer, or nothing where each row is a customer.

    Examples
    --------
    >>> import narwhals.stable.v2 as nw
    >>> import pandas as pd
    >>> own = nw.from_native(pd.DataFrame({"who": ["b", "a", "b"]}), eager_only=True)
    >>> clusters_of(own, "who", np.array([2, 1, 0])).tolist()
    [1, 0, 1]
    """
    if customer_id not in own.columns:
        return None
    codes = codes_of(own[customer_id])
    return None if int(codes.max()) + 1 == len(codes) else codes[order]


def redraws(clusters: Ints | None, rows: int, *, draws: int, seed: int) -> Iterator[Floats]:
    """Yield how often each row is in each sample; rows of a customer are in it together.

    Examples
    --------
    >>> next(redraws(np.array([0, 0, 1]), 3, draws=1, seed=4)).tolist()
    [0.0, 0.0, 2.0]
    """
    random = np.random.default_rng(seed)
    customers = rows if clusters is None else int(clusters.max()) + 1
    for _ in range(draws):
        drawn = random.integers(0, customers, customers)
        times = np.bincount(drawn, minlength=customers).astype(np.float64)
        yield times if clusters is None else times[clusters]


def spread(
    statistics: Callable[[Floats], Floats], samples: Iterator[Floats], level: float
) -> tuple[Floats, Floats, Floats]:
    """Return standard errors and percentile bounds of statistics over samples.

    A sample in which a statistic is not defined, such as one without a churner, is left out.

    Examples
    --------
    >>> samples = redraws(None, 4, draws=100, seed=1)
    >>> error, low, high = spread(lambda times: times[:1], samples, 0.95)
    >>> low.tolist(), high.tolist()
    ([0.0], [2.0])
    """
    found = np.array([statistics(times) for times in samples])
    found = found[np.isfinite(found).all(axis=1)] if len(found) else found
    if len(found) < 2:
        nothing = np.full(found.shape[1] if found.ndim == 2 else 1, np.nan)
        return nothing, nothing, nothing
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(found, [tail, 1.0 - tail], axis=0)
    return found.std(axis=0, ddof=1), low, high


def check_draws(draws: int, level: float) -> None:
    """Refuse a number of samples, or a level, that is none.

    Examples
    --------
    >>> check_draws(200, 0.95)
    """
    check_level(level)
    if isinstance(draws, bool) or not isinstance(draws, int) or draws < 0 or draws == 1:
        raise ParameterError(f"draws must be a whole number from 2, or 0 for none, not {draws!r}")
