"""The engine of all two-way matrices: two axes, a rule table, and what each field holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.decisions.field_rules import field_rules
from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import (
    Column,
    Contract,
    Kind,
    admit_eager,
    as_float,
    frame_like,
    with_new,
    with_parameters,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    from crmanalytics.decisions.axis import Axis
    from crmanalytics.decisions.field_rules import FieldRules

    Floats = NDArray[np.float64]
    Levels = NDArray[Any]

__all__ = ["placed", "priority_list", "share_of", "two_way", "two_way_profile"]


def two_way(
    customers: Any,  # noqa: ANN401 - any eager frame
    up: Axis,
    across: Axis,
    rules: Any,  # noqa: ANN401 - a mapping or frame
    *,
    name: str = c.FIELD,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Place each customer in a matrix of your own: any two columns, any levels, any fields.

    Parameters
    ----------
    customers : DataFrame
        One row per customer.
    up, across : Axis
        The columns with their levels; see :func:`learn_axis`.
    rules : mapping or DataFrame
        (level up, level across) to the name of the field, the most urgent field first; or a table
        with the columns ``up``, ``across``, ``field`` and, if it is not the order of the fields,
        ``priority``. ``"*"`` stands for any level. The first rule that fits holds.
    name : str
        What to call the column of fields.

    Returns
    -------
    DataFrame
        Of the same kind, with its index and columns, and: the levels (``..._level``), the field,
        and its priority (``..._priority``), 1 for what comes first. For pandas
        ``attrs["crmanalytics"]`` keeps the axes and the rules.

    Raises
    ------
    DataError
        If columns or values are missing.
    ParameterError
        If the rules do not give each pair of levels one field.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.decisions import Axis, two_way
    >>> customers = pd.DataFrame({"total": [900.0, 20.0], "returns": [0.4, 0.0]})
    >>> rules = {("high", "high"): "talk to", ("*", "*"): "leave alone"}
    >>> two_way(customers, Axis("total", (100.0,)), Axis("returns", (0.3,)), rules)
       total  returns total_level returns_level        field  field_priority
    0  900.0      0.4        high          high      talk to               1
    1   20.0      0.0         low           low  leave alone               2
    """
    own = admit_eager(customers, _contract(up, across))
    book = field_rules(rules, up, across)
    levels, fields = placed(own, up, across, book)
    priorities = np.array(book.priorities)[fields]
    made = with_new(
        own, {**levels, name: np.array(book.names)[fields], f"{name}_priority": priorities}
    )
    laid = {
        f"{high} / {wide}": book.names[book.lookup[i, j]]
        for i, high in enumerate(up.names)
        for j, wide in enumerate(across.names)
    }
    return with_parameters(made, up=vars(up), across=vars(across), rules=laid, name=name)


def _contract(up: Axis, across: Axis) -> Contract:
    axes = tuple(
        Column(axis.column, Kind.NUMBER, nullable=axis.missing is not None) for axis in (up, across)
    )
    return Contract("customers", axes, names_row_by=c.CUSTOMER_ID)


def placed(
    own: nw.DataFrame[Any], up: Axis, across: Axis, book: FieldRules
) -> tuple[dict[str, Levels], NDArray[np.intp]]:
    """Return the names of the levels of an admitted frame, and the place of each row's field.

    Examples
    --------
    >>> import narwhals.stable.v2 as nw
    >>> from crmanalytics.decisions.axis import Axis
    >>> own = nw.from_dict({"total": [1.0, 9.0], "growth": [0.0, -1.0]}, backend="pandas")
    >>> up, across = Axis("total", (5.0,)), Axis("growth", (0.0,))
    >>> book = field_rules({("high", "*"): "big", ("*", "*"): "small"}, up, across)
    >>> levels, fields = placed(own, up, across, book)
    >>> levels["growth_level"].tolist(), fields.tolist()
    (['high', 'low'], [1, 0])
    """
    high, wide = (axis.place(as_float(own, axis.column)) for axis in (up, across))
    levels = {
        f"{axis.column}_level": np.array(axis.names)[found]
        for axis, found in ((up, high), (across, wide))
    }
    return levels, book.lookup[high, wide]


def two_way_profile(
    matrix: Any,  # noqa: ANN401 - any eager frame
    up: str,
    across: str,
    *,
    name: str = c.FIELD,
    values: Sequence[str] | None = None,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say how many customers, and how much of what, each cell of a two-way matrix holds.

    Parameters
    ----------
    matrix : DataFrame
        What :func:`two_way` or one of the ready-made matrices returned.
    up, across : str
        The two columns it was made of.
    name : str
        The column of fields.
    values : sequence of str, optional
        Columns to add up; the one of `up` by default. Missing values count as nothing.

    Returns
    -------
    DataFrame
        Of the same kind, one row per cell that occurs, the most urgent first: the two levels, the
        field, ``priority``, ``customers``, ``customer_share`` and, per column of `values`, its sum
        under its own name, ``..._share`` (missing where the total is not positive) and
        ``..._mean`` of those who have a value.

    Raises
    ------
    DataError
        If the frame is no such matrix, or has no rows.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.decisions import growth_portfolio, two_way_profile
    >>> customers = pd.DataFrame({"total": [90.0, 70.0, 5.0], "growth": [0.5, -0.1, -0.3]})
    >>> portfolio = growth_portfolio(customers, value_from=50.0)
    >>> two_way_profile(portfolio, "total", "growth", name="portfolio")[
    ...     ["portfolio", "customers", "total", "total_share"]
    ... ].round(2)
      portfolio  customers  total  total_share
    0      star          1   90.0         0.55
    1  cash cow          1   70.0         0.42
    2       dog          1    5.0         0.03
    """
    import pandas as pd

    summed = [up] if values is None else list(values)
    own = admit_eager(matrix, _matrix_contract(up, across, name, summed))
    if not len(own):
        raise InvalidValuesError("matrix has no rows: there is nothing to count")
    labels = [f"{up}_level", f"{across}_level", name]
    table = pd.DataFrame({each: own[each].to_list() for each in labels})
    # both number cells as they first occur; they are put in order at the end
    numbers = table.groupby(labels, sort=False).ngroup()
    codes, cells = np.asarray(numbers.to_numpy(), dtype=np.intp), table.drop_duplicates()
    size = np.bincount(codes)
    priority = np.zeros(len(cells))
    priority[codes] = as_float(own, f"{name}_priority")
    found: dict[str, Any] = {each: cells[each].to_numpy() for each in labels}
    found |= {c.PRIORITY: priority.astype(int), "customers": size, "customer_share": share_of(size)}
    for each in summed:
        found |= _added(each, as_float(own, each), codes, len(cells))
    depth = {each: _lowest(as_float(own, each), codes, len(cells)) for each in (up, across)}
    order = np.lexsort((-depth[across], -depth[up], priority))
    return frame_like(own, {each: list(np.asarray(x)[order]) for each, x in found.items()})


def _matrix_contract(up: str, across: str, name: str, summed: list[str]) -> Contract:
    numbers = dict.fromkeys((up, across, *summed))
    columns = [Column(each, Kind.NUMBER, nullable=True) for each in numbers]
    columns += [Column(each, Kind.LABEL) for each in (f"{up}_level", f"{across}_level", name)]
    columns.append(Column(f"{name}_priority", Kind.NUMBER))
    return Contract("matrix", tuple(columns))


def _added(name: str, values: Floats, codes: NDArray[np.intp], cells: int) -> dict[str, Floats]:
    order = np.lexsort((values, codes))  # so that the rows' order has no effect on the last digit
    values, codes = values[order], codes[order]
    known = ~np.isnan(values)
    sums = np.bincount(codes[known], values[known], minlength=cells)
    count = np.bincount(codes[known], minlength=cells)
    mean = np.full(cells, np.nan)
    np.divide(sums, count, out=mean, where=count > 0)
    return {name: sums, f"{name}_share": share_of(sums), f"{name}_mean": mean}


def _lowest(values: Floats, codes: NDArray[np.intp], cells: int) -> Floats:
    """Return the smallest value per cell; those without any come last."""
    found = np.full(cells, np.inf)
    np.fmin.at(found, codes, values)
    return np.where(np.isinf(found), -np.inf, found)


def share_of(values: NDArray[Any]) -> Floats:
    """Return shares of the sum, which have no meaning where it is not positive.

    Examples
    --------
    >>> share_of(np.array([1.0, 3.0])).tolist(), share_of(np.array([-1.0, 0.0])).tolist()
    ([0.25, 0.75], [nan, nan])
    """
    total = float(values.sum())
    return values / total if total > 0 else np.full(len(values), np.nan)


def priority_list(
    matrix: Any,  # noqa: ANN401 - any eager frame
    value: str,
    *,
    name: str = c.FIELD,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """List customers in the order in which to attend to them: urgent fields first, then by value.

    Parameters
    ----------
    matrix : DataFrame
        What :func:`two_way` or one of the ready-made matrices returned.
    value : str
        The column by which those of one field are ordered, the largest first.
    name : str
        The column of fields.

    Returns
    -------
    DataFrame
        Of the same kind and with the same columns, sorted, with ``rank`` (from 1; those who are
        equal share the smallest) and ``cumulated_share``, of the value of all, up to and including
        the row; missing where their sum is not positive.

    Raises
    ------
    DataError
        If the frame is no such matrix, or values are missing.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.decisions import priority_list, satisfaction_matrix
    >>> customers = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ann", "bob", "eve", "joe"],
    ...         "total": [900.0, 20.0, 700.0, 800.0],
    ...         "satisfaction": [9, 3, 2, 4],
    ...     }
    ... )
    >>> care = satisfaction_matrix(customers, value_from=500.0, satisfied_from=6)
    >>> priority_list(care, "total", name="care")[["rank", "customer_id", "care"]]
       rank customer_id     care
    0     1         joe   rescue
    1     2         eve   rescue
    2     3         ann  cherish
    3     4         bob     mend
    """
    priority = f"{name}_priority"
    columns = (Column(priority, Kind.NUMBER), Column(value, Kind.NUMBER))
    own = admit_eager(matrix, Contract("matrix", columns, names_row_by=c.CUSTOMER_ID))
    keys = (-as_float(own, value), as_float(own, priority))
    ties = np.arange(len(own))
    if c.CUSTOMER_ID in own.columns:
        from crmanalytics.transactions.encoding import codes_of

        ties = codes_of(own[c.CUSTOMER_ID])
    order = np.lexsort((ties, *keys))
    money, urgent = -keys[0][order], keys[1][order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (np.diff(money) != 0) | (np.diff(urgent) != 0)
    rank = np.maximum.accumulate(np.where(new, np.arange(1, len(order) + 1), 0))
    total = money.sum()
    share = np.cumsum(money) / total if total > 0 else np.full(len(order), np.nan)
    made = with_new(own[order.tolist()], {"rank": rank, "cumulated_share": share})
    if hasattr(made, "reset_index"):
        made = made.reset_index(drop=True)
    return with_parameters(made, value=value, name=name)
