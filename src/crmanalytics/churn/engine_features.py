"""Features at a snapshot of a log that is not in memory: worked out where it is, and left there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw

from crmanalytics import columns as c
from crmanalytics.churn.engine_events import answers_of, events_of, static_of
from crmanalytics.churn.engine_history import LazyLog, history_of
from crmanalytics.churn.log import contract_for
from crmanalytics.churn.outlook import days_per_unit, forecast_of
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import admit, collected, is_lazy
from crmanalytics.transactions.counting import known_zone, span
from crmanalytics.transactions.units import as_text

if TYPE_CHECKING:
    from crmanalytics.churn.feature_table import Recipe

    Lazy = nw.LazyFrame[Any]

__all__ = ["features_on_engine"]

_WHEN = ("first_day", "last_day")


def features_on_engine(
    transactions: Any,  # noqa: ANN401 - a lazy frame
    at: int,
    recipe: Recipe,
    *,
    time_zone: str | None,
    names: dict[str, Any],
) -> Any:  # noqa: ANN401 - the same kind
    """Return the features of customers of a lazy log, as a frame of its engine.

    Examples
    --------
    >>> import polars as pl
    >>> import crmanalytics as crm
    >>> log = pl.from_pandas(crm.datasets.load_cdnow_sample()).lazy()
    >>> found = crm.churn.features(log, at="1997-10-01", windows=[90])
    >>> found.select(pl.col("purchases").sum()).collect().item()
    4814
    """
    contract, theirs = contract_for(transactions, names)
    own = admit(transactions, contract, names=theirs).select(list(theirs))
    first, _ = span(own, known_zone(time_zone))
    recipe.check_reach(first, at)
    log = LazyLog.of(own.lazy(), at, time_zone)
    if not collected(log.bought.select(nw.len().alias("rows")))["rows"][0]:
        raise InvalidValuesError(
            f"nobody in transactions had bought before {as_text(at)}: take a later snapshot"
        )
    customers, features = history_of(log, recipe.windows)
    for frame, events in (("contacts", recipe.contacts), ("complaints", recipe.complaints)):
        if events is not None:
            found, made = events_of(customers, events, frame, at, recipe.windows)
            customers = _joined(customers, features, found, made)
            features += made
    if recipe.satisfaction is not None:
        found, made = answers_of(customers, recipe.satisfaction, at)
        customers = _joined(customers, features, found, made)
        features += made
    if recipe.purchases is not None:
        customers = _with_outlook(customers, at, recipe)
        features += [c.P_ALIVE, c.EXPECTED_PURCHASES]
    if recipe.static is not None:
        promised = recipe.static_known_from_start
        held, extra = static_of(customers, recipe.static, at, known_from_start=promised)
        recipe.check_static(extra, [c.CUSTOMER_ID, *features])
        customers = customers.join(held, on=c.CUSTOMER_ID, how="left")
        features += extra
    made_of = customers.select(c.CUSTOMER_ID, *features)
    polars = made_of.implementation.is_polars()  # SQL engines have no order of rows to keep
    return (made_of.sort(c.CUSTOMER_ID) if polars else made_of).to_native()


def _joined(customers: Lazy, features: list[str], found: Lazy, made: dict[str, nw.Expr]) -> Lazy:
    """Add features that come from columns of another frame, whose own columns are left behind."""
    wide = customers.join(found, on=c.CUSTOMER_ID, how="left", suffix="_of_events")
    new = [expression.alias(name) for name, expression in made.items()]
    return wide.select(c.CUSTOMER_ID, *features, *_WHEN, *new)


def _with_outlook(customers: Lazy, at: int, recipe: Recipe) -> Lazy:
    """Add P(alive) and expected purchases, by a model given or one fitted here and now."""
    first, last = nw.col("first_day"), nw.col("last_day")
    in_days = customers.with_columns(
        (nw.col("purchases") - 1).alias(c.FREQUENCY),
        (last - first).cast(nw.Float64).alias(c.RECENCY),
        (at - 1 - first).cast(nw.Float64).alias(c.T),
    )
    who = in_days.select(c.CUSTOMER_ID, c.FREQUENCY, c.RECENCY, c.T)
    model = forecast_of(recipe.purchases, who.to_native)
    unit = days_per_unit(model)
    timed = in_days.with_columns(nw.col(c.RECENCY) / unit, nw.col(c.T) / unit)
    alive = model.probability_alive(timed.to_native())
    if not is_lazy(alive):
        raise ParameterError(
            f"purchases must answer for a lazy frame with one; {type(model).__name__} does not: "
            "take a model of crmanalytics.clv, or collect the log first"
        )
    found: Lazy = nw.from_native(model.expected_purchases(alive, recipe.horizon / unit))
    return found.drop(c.FREQUENCY, c.RECENCY, c.T)
