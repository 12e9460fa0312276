"""What a user asked of the command line, as one value."""

from __future__ import annotations

from dataclasses import dataclass

from crmanalytics.errors import ParameterError

__all__ = ["Request", "Valuing"]


@dataclass(frozen=True)
class Valuing:
    """What lifetime values need beside the models."""

    horizon: float
    discount_rate: float | None = None
    margin: float | None = None

    def __post_init__(self) -> None:
        if (self.discount_rate is None) != (self.margin is None):
            missing = "--margin" if self.margin is None else "--discount-rate"
            raise ParameterError(
                f"lifetime values need both --discount-rate and --margin; {missing} is missing. "
                "Give both, or neither for scores without lifetime values."
            )

    @property
    def in_money(self) -> bool:
        """Whether lifetime values are asked for."""
        return self.margin is not None


@dataclass(frozen=True)
class Request:
    """Which log, how to read it, and how to summarise it."""

    log: str
    customer_id: str
    date: str
    amount: str
    order_id: str | None
    product_id: str | None
    quantity: str | None
    date_format: str | None
    time_zone: str | None
    skip_bad_rows: bool
    refunds: str
    exclude_customers: tuple[str, ...]
    exclude_products: tuple[str, ...]
    occasion: str
    until: str | None
    unit: str

    def columns(self) -> dict[str, str]:
        """Return canonical name to the log's name, for the columns to read."""
        named = {
            "customer_id": self.customer_id,
            "date": self.date,
            "amount": self.amount,
            "order_id": self.order_id,
            "product_id": self.product_id,
            "quantity": self.quantity,
        }
        return {name: theirs for name, theirs in named.items() if theirs is not None}
