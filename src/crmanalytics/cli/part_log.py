"""A Parquet log on an engine, made what the commands count: named, cut into parts, cleaned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw

from crmanalytics import columns as c
from crmanalytics.cli.parsing import names_of
from crmanalytics.cli.work import like
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.transactions import clean
from crmanalytics.transactions.counting import known_zone, local, span
from crmanalytics.transactions.units import as_text
from crmanalytics.wording import no_column

if TYPE_CHECKING:
    import pandas as pd

    from crmanalytics.cli.options import LogOptions
    from crmanalytics.transactions import Cleaned

    Lazy = nw.LazyFrame[Any]

__all__ = ["cleaned", "last_day", "named", "refuse_unreadable"]

_PRICE: Final = "unit_price"
_DECIMALS: Final = 6
_MOST_SKIPPED: Final = 0.5


def named(log: Any, source: LogOptions) -> Any:  # noqa: ANN401 - a lazy frame of the engine
    """Return the columns that the options name, under canonical names.

    Texts of identifiers lose the blanks around them, and are missing where nothing is left, as
    where logs are read into memory.

    Raises
    ------
    ParameterError
        If a column is not there, or the engine cannot tell the days of a time zone.
    """
    own = nw.from_native(log)
    names = names_of(source)
    has = own.collect_schema().names()
    lacking = [name for name in names.values() if name not in has]
    if lacking:
        raise ParameterError(no_column("the log", lacking[0], has))
    own = own.select(nw.col(theirs).alias(name) for name, theirs in names.items())
    schema = own.collect_schema()
    texts = [x for x in (c.CUSTOMER_ID, c.ORDER_ID, c.PRODUCT_ID) if schema.get(x) == nw.String]
    own = own.with_columns(_told(name) for name in texts)
    if _PRICE in schema:
        worth = (nw.col(c.QUANTITY).cast(nw.Float64) * nw.col(_PRICE).cast(nw.Float64)).round(
            _DECIMALS
        )
        own = own.with_columns(worth.alias(c.AMOUNT)).drop(_PRICE)
    return _dated(own, known_zone(source.time_zone)).to_native()


def _told(name: str) -> nw.Expr:
    text = nw.col(name).str.strip_chars()
    return nw.when(text != "").then(text).alias(name)


def _dated(own: Lazy, zone: str | None) -> Lazy:
    """Return the log with stamps as the clocks of the time zone show them."""
    dtype = own.collect_schema()[c.DATE]
    if not isinstance(dtype, nw.Datetime) or dtype.time_zone is None:
        return own
    try:
        return own.with_columns(local(own, zone).alias(c.DATE))
    except NotImplementedError as error:
        raise ParameterError(
            f"{own.implementation.value} cannot tell the days of stamps with a time zone: {error} "
            "Write the log with stamps of the local clock."
        ) from error


def cleaned(log: Any, source: LogOptions) -> Cleaned:  # noqa: ANN401 - as above
    """Clean a part of the log, or all of it, as the options say."""
    whole = dict(nw.from_native(log).collect_schema())
    numeric = {name for name, dtype in whole.items() if dtype.is_integer()}
    customers, products = source.exclude_customer, source.exclude_product
    return clean(
        log,
        refunds=source.refunds.value,
        exclude_customers=like(c.CUSTOMER_ID, customers, numeric=c.CUSTOMER_ID in numeric),
        exclude_products=like(c.PRODUCT_ID, products, numeric=c.PRODUCT_ID in numeric),
        until=source.until,
    )


def last_day(log: Any) -> str | None:  # noqa: ANN401 - as above
    """Return the last day of a log; None of one without rows."""
    own: Lazy = nw.from_native(log)
    try:
        return as_text(span(own, None)[1])
    except InvalidValuesError:
        return None


def refuse_unreadable(record: pd.DataFrame, rows: int, source: LogOptions) -> None:
    """Refuse rows with missing values, unless they are to be left out and are not too many.

    Raises
    ------
    InvalidValuesError
        If there are such rows.
    """
    lacking = record[record["rule"].str.startswith("missing ") & (record["rows"] > 0)]
    count = int(lacking["rows"].sum())
    if not count or (source.skip_bad_rows and count <= _MOST_SKIPPED * rows):
        return
    kinds = [f"{row.rows:,} with {row.rule}" for row in lacking.itertuples()]
    mend = "Mend them, or leave them out with --skip-bad-rows."
    if count > _MOST_SKIPPED * rows:
        mend = "More than half of the rows are too many to leave out: is this the right column?"
    raise InvalidValuesError(
        f"{source.log}: {count:,} of {rows:,} rows cannot be read: {'; '.join(kinds)}. {mend}"
    )
