"""The value matrix: current value by potential, and the strategy for each of its four fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from crmanalytics import columns as c
from crmanalytics.decisions.axis import Axis, middle
from crmanalytics.decisions.field_rules import field_rules
from crmanalytics.decisions.two_way import placed, share_of
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.frames import Column, Contract, Kind, as_float, as_numpy
from crmanalytics.frames.eager import admit_eager, frame_like, with_new
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["STRATEGIES", "ValueCuts", "value_cuts", "value_matrix", "value_matrix_profile"]

#: What each field of the matrix is called: (current is high, potential is high) to a strategy.
STRATEGIES: Final[dict[tuple[bool, bool], str]] = {
    (True, True): "invest",
    (True, False): "defend",
    (False, True): "develop",
    (False, False): "economise",
}

_VALUES: Final = Contract(
    frame="values",
    columns=(Column(c.CURRENT, Kind.NUMBER), Column(c.POTENTIAL, Kind.NUMBER)),
    names_row_by=c.CUSTOMER_ID,
)


@dataclass(frozen=True)
class ValueCuts:
    """From where on a current value and a potential are high.

    Parameters
    ----------
    current, potential : float
        Values at or above these are high.
    """

    current: float
    potential: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.current) and np.isfinite(self.potential)):
            raise ParameterError(f"cuts must be two finite numbers, not {self}")


def value_cuts(
    values: Any,  # noqa: ANN401 - any frame that narwhals knows
    *,
    method: Literal["median", "mean"],
    current: str = c.CURRENT,
    potential: str = c.POTENTIAL,
) -> ValueCuts:
    """Say from where on current value and potential are high among these customers.

    Learn the cuts once and keep them: then a customer's field changes only when he does.

    Parameters
    ----------
    values : DataFrame
        One row per customer, with both values.
    method : {"median", "mean"}
        Half of the customers are high, or those above average.
    current, potential : str
        The frame's names of these columns.

    Returns
    -------
    ValueCuts

    Raises
    ------
    MissingColumnsError, InvalidValuesError
        If the frame breaks its contract or is empty.
    ParameterError
        If the method is unknown.

    Examples
    --------
    >>> import pandas as pd
    >>> values = pd.DataFrame({"current": [1.0, 2.0, 9.0], "potential": [5.0, 0.0, 1.0]})
    >>> value_cuts(values, method="median")
    ValueCuts(current=2.0, potential=1.0)
    """
    one_of("method", method, ("median", "mean"))
    own = admit_eager(values, _VALUES, names={c.CURRENT: current, c.POTENTIAL: potential})
    if not len(own):
        raise InvalidValuesError("values has no rows: there is nothing to cut")
    return ValueCuts(*(middle(as_float(own, x), method) for x in (c.CURRENT, c.POTENTIAL)))


def value_matrix(
    values: Any,  # noqa: ANN401 - any frame that narwhals knows
    *,
    cuts: ValueCuts | tuple[float, float],
    current: str = c.CURRENT,
    potential: str = c.POTENTIAL,
    strategies: Mapping[tuple[bool, bool], str] | None = None,
) -> Any:  # noqa: ANN401 - the caller's kind of frame
    """Place each customer in the matrix of current value and potential, and name the strategy.

    ==============  ===================================  =====================================
    current value   high potential                       low potential
    ==============  ===================================  =====================================
    high            invest: keep at any reasonable cost  defend: keep, but expect no more
    low             develop: sell more, win the wallet   economise: serve cheaply or let go
    ==============  ===================================  =====================================

    Parameters
    ----------
    values : DataFrame
        One row per customer; for example from ``clv.discounting.current_and_potential_value``.
    cuts : ValueCuts or pair of float
        From where on the current value and the potential are high; see :func:`value_cuts`.
    current, potential : str
        The frame's names of these columns.
    strategies : mapping, optional
        Other names of the four fields, by (current is high, potential is high).

    Returns
    -------
    DataFrame
        The frame with the columns current_level and potential_level ("high" or "low") and
        strategy; its other columns, order and index are kept.

    Raises
    ------
    MissingColumnsError, InvalidValuesError
        If the frame breaks its contract.
    ParameterError
        If the cuts or the names are incomplete.

    Examples
    --------
    >>> import pandas as pd
    >>> values = pd.DataFrame({"current": [10.0, 0.0], "potential": [0.0, 20.0]})
    >>> value_matrix(values, cuts=(5.0, 5.0))
       current  potential current_level potential_level strategy
    0     10.0        0.0          high             low   defend
    1      0.0       20.0           low            high  develop
    """
    at = _as_cuts(cuts)
    names = dict(STRATEGIES if strategies is None else strategies)
    if set(names) != set(STRATEGIES) or len(set(names.values())) != len(STRATEGIES):
        raise ParameterError(
            "strategies must give a name of its own to each of (True, True), (True, False), "
            "(False, True) and (False, False): (current is high, potential is high)"
        )
    own: Any = admit_eager(values, _VALUES, names={c.CURRENT: current, c.POTENTIAL: potential})
    up, across = Axis(c.CURRENT, (at.current,)), Axis(c.POTENTIAL, (at.potential,))
    rules = {(up.levels[i], across.levels[j]): name for (i, j), name in names.items()}
    book = field_rules(rules, up, across)
    levels, fields = placed(own, up, across, book)
    return with_new(own, {**levels, c.STRATEGY: np.array(book.names)[fields]})


def _as_cuts(cuts: ValueCuts | tuple[float, float]) -> ValueCuts:
    if isinstance(cuts, ValueCuts):
        return cuts
    try:
        current, potential = cuts
        return ValueCuts(float(current), float(potential))
    except (TypeError, ValueError) as error:
        raise ParameterError(
            f"cuts must be ValueCuts or two finite numbers (current, potential), not {cuts!r}"
        ) from error


def value_matrix_profile(matrix: Any) -> Any:  # noqa: ANN401 - any frame that narwhals knows
    """Say how many customers, and how much value, each field of the matrix holds.

    Parameters
    ----------
    matrix : DataFrame
        What :func:`value_matrix` returned.

    Returns
    -------
    DataFrame
        One row per strategy that occurs, by falling current value and potential: strategy,
        customers, customer_share, current, potential (sums), current_share, potential_share
        (shares of the sums; missing where a sum is not positive).

    Raises
    ------
    MissingColumnsError, InvalidValuesError
        If the frame is no value matrix.

    Examples
    --------
    >>> import pandas as pd
    >>> values = pd.DataFrame({"current": [10.0, 0.0, 30.0], "potential": [0.0, 20.0, 0.0]})
    >>> value_matrix_profile(value_matrix(values, cuts=(5.0, 5.0)))[
    ...     ["strategy", "customers", "current", "potential"]
    ... ]
      strategy  customers  current  potential
    0   defend          2     40.0        0.0
    1  develop          1      0.0       20.0
    """
    import pandas as pd

    own = admit_eager(matrix, _VALUES)
    absent = [x for x in (c.STRATEGY, "current_level", "potential_level") if x not in own.columns]
    if absent:
        raise MissingColumnsError(f"matrix has no columns {absent}; see value_matrix")
    high = as_numpy(own, "current_level") == "high"
    promising = as_numpy(own, "potential_level") == "high"
    frame = pd.DataFrame(
        {
            "field": 2 * (~high).astype(int) + ~promising,
            c.STRATEGY: own[c.STRATEGY].to_list(),
            c.CURRENT: as_float(own, c.CURRENT),
            c.POTENTIAL: as_float(own, c.POTENTIAL),
        }
    ).sort_values(["field", c.CURRENT, c.POTENTIAL])
    sums = frame.groupby(["field", c.STRATEGY], as_index=False).agg(
        customers=(c.CURRENT, "size"), current=(c.CURRENT, "sum"), potential=(c.POTENTIAL, "sum")
    )
    columns = {name: sums[name].to_numpy() for name in ("customers", c.CURRENT, c.POTENTIAL)}
    return frame_like(
        own,
        {
            c.STRATEGY: sums[c.STRATEGY].to_list(),
            "customers": columns["customers"],
            "customer_share": share_of(columns["customers"]),
            c.CURRENT: columns[c.CURRENT],
            c.POTENTIAL: columns[c.POTENTIAL],
            "current_share": share_of(columns[c.CURRENT]),
            "potential_share": share_of(columns[c.POTENTIAL]),
        },
    )
