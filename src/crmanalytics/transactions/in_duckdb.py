"""Counting by DuckDB's own words, where they are several times cheaper than portable ones.

Two stages of grouping: rows to days, days to customers. The money of a customer's first day comes
from ``arg_min`` in the same pass, which spares the joins of a day's rows with the day itself that
the portable formulation needs, and with them the memory.

Groups that exceed the memory limit are spilled to disk, at twice the price. A log of too many
groups is therefore counted in several shares of its customers, one after the other in a single
query: reading the log again for each is the cheaper way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw

from crmanalytics import columns as c
from crmanalytics.frames import collected
from crmanalytics.transactions.expressions import aggregate as aggregate_by_expressions
from crmanalytics.transactions.expressions import money_scale

if TYPE_CHECKING:
    from crmanalytics.transactions.counting import Counting

    Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]

__all__ = ["aggregate"]

_ALIAS: Final = "crmanalytics_rows"

_DAYS: Final = """
select {customer}, cast({date} as date) as day{money}
from {alias}
where {date} < date '1970-01-01' + {past}{after}{share}
group by {customer}, day
"""

# not the lowest bits: by those the log may have been split already, and all of its rows be alike
_SHARE: Final = " and (hash({customer}) >> 32) % {shares} = {share}"
_GROUP: Final = 80  # bytes of memory per row, with what is copied as the table of groups grows
_GROUP_OF_TEXT: Final = 120
_UNITS: Final = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB")
_MOST_SHARES: Final = 16  # beyond which reading the log once more costs what spilling does

_BOUGHT: Final = "\n    bool_or({bought}) as bought"

_DAY_MONEY: Final = """
    coalesce(sum({money}) filter ({bought}), 0) as spent,
    coalesce(sum(-{money}) filter (not {bought}), 0) as given_back"""

_CUSTOMERS: Final = """
select {customer},
    count(*){bought} as {orders},
    coalesce(min(day){bought} - date '1970-01-01', 0) as first_day,
    coalesce(max(day){bought} - date '1970-01-01', 0) as last_day,
    cast(min(day){bought} as {kind}) as {first},
    cast(max(day){bought} as {kind}) as {last}{money}
from ({days})
group by {customer}
"""

_MONEY: Final = """,
    coalesce(sum(spent) - arg_min(spent, day){bought}, 0) / {scale} as repeat_money,
    (sum(spent) - {given_back}) / {scale} as {total},
    {given_back} / {scale} as {refunds}"""


def aggregate(own: Frame, counting: Counting) -> Frame:
    """Count each customer's days and money in DuckDB.

    Orders, single rows, and stamps of a time zone are counted by the portable formulation.

    Parameters
    ----------
    own : narwhals.LazyFrame
        An admitted log: a DuckDB relation.
    counting : Counting
        What to count.

    Returns
    -------
    narwhals.LazyFrame
        The columns that the other ways give, in no order of rows.

    Examples
    --------
    >>> import duckdb
    >>> from crmanalytics.transactions.counting import Counting
    >>> log = duckdb.sql(
    ...     "select 1 as customer_id, date '2024-01-01' + i::int as date, 5.0 as amount "
    ...     "from range(3) t(i)"
    ... )
    >>> counting = Counting("day", 19724, None, None, has_money=True, sign="amount")
    >>> found = aggregate(nw.from_native(log), counting).collect("pyarrow")
    >>> found["orders"].to_list(), found["repeat_money"].to_list()
    ([2], [5.0])
    """
    dtype = own.collect_schema()[c.DATE]
    zoned = isinstance(dtype, nw.Datetime) and dtype.time_zone is not None
    if counting.occasion != "day" or zoned:
        return aggregate_by_expressions(own, counting)
    relation: Any = own.to_native()
    kind = "timestamp" if isinstance(dtype, nw.Datetime) else "date"
    query, shares = _query(own, counting, kind), _shares(own, counting)
    each = [_SHARE.format(customer=c.CUSTOMER_ID, shares=shares, share=i) for i in range(shares)]
    whole = " union all ".join(query.replace("{share}", x) for x in (each if shares > 1 else [""]))
    counted: Frame = nw.from_native(relation.query(_ALIAS, whole))
    return counted


def _shares(own: Frame, counting: Counting) -> int:
    """Return in how many shares of the customers to count, for the groups of each to fit."""
    if counting.glance is None:
        return 1
    limit = "select value from duckdb_settings() where name = 'memory_limit'"
    native: Any = own.to_native()
    text = own.collect_schema()[c.CUSTOMER_ID]
    group = _GROUP if text.is_numeric() else _GROUP_OF_TEXT
    needed = counting.glance.rows * group / _bytes(native.query(_ALIAS, limit).fetchall()[0][0])
    return min(int(needed) + 1, _MOST_SHARES)


def _bytes(size: str) -> float:
    """Read a size as DuckDB writes it, such as 953.6 MiB."""
    number, unit = size.split()
    return float(number) * 1024.0 ** _UNITS.index(unit)


def _query(own: Frame, counting: Counting, kind: str) -> str:
    named = {
        "customer": c.CUSTOMER_ID,
        "date": f'"{c.DATE}"',
        "alias": _ALIAS,
        "past": counting.until + 1,
        "after": "",
        "share": "{share}",  # told later
    }
    if counting.after is not None:
        named["after"] = f" and {named['date']} >= date '1970-01-01' + {counting.after + 1}"
    scale = money_scale(own, counting.glance) if counting.has_money else None
    # whole numbers, kept as floats: their sums are exact, and cheaper than those of wide integers
    money = f"round({c.AMOUNT}::double * {scale:.0f})" if scale else f"{c.AMOUNT}::double"
    gave_back = counting.sign is not None and _any_below_zero(own, counting)
    per_day = []
    if gave_back:
        per_day.append(_BOUGHT.format(bought=f"({counting.sign} >= 0)"))
    if counting.has_money and gave_back:
        per_day.append(_DAY_MONEY.format(bought=f"({c.AMOUNT} >= 0)", money=money))
    elif counting.has_money:
        per_day.append(f"\n    sum({money}) as spent")
    bought = " filter (bought)" if gave_back else ""
    sums = _MONEY.format(
        bought=bought,
        scale=f"{scale or 1:.1f}::double",
        given_back="sum(given_back)" if gave_back else "0.0::double",
        total=c.TOTAL,
        refunds=c.REFUNDS,
    )
    return _CUSTOMERS.format(
        customer=c.CUSTOMER_ID,
        bought=bought,
        orders=c.ORDERS,
        kind=kind,
        first=c.FIRST_DATE,
        last=c.LAST_DATE,
        money=sums if counting.has_money else "",
        days=_DAYS.format(**named, money="".join(f",{each}" for each in per_day)),
    )


def _any_below_zero(own: Frame, counting: Counting) -> bool:
    least = None if counting.glance is None else counting.glance.least
    if least is None:
        sign = str(counting.sign)
        least = collected(own.select(nw.col(sign).min().alias("least")))["least"][0]
    return least is not None and bool(least < 0)
