"""Discounting: what profits that come later are worth today, customer by customer and in all."""

from crmanalytics.clv.discounting.adoption import adoption_calibration, adoption_probabilities
from crmanalytics.clv.discounting.arguments import period_rate
from crmanalytics.clv.discounting.berger_nasr import (
    cyclic_value,
    growing_value,
    s_shaped_profit,
    s_shaped_value,
)
from crmanalytics.clv.discounting.combined import current_and_potential_value
from crmanalytics.clv.discounting.current import current_value
from crmanalytics.clv.discounting.equity import (
    customer_equity,
    equity_components,
    optimal_acquisition,
)
from crmanalytics.clv.discounting.from_transactions import profits_from_transactions
from crmanalytics.clv.discounting.migration import migration_counts, migration_value
from crmanalytics.clv.discounting.potential import (
    cross_selling_profits,
    growth_profits,
    referral_profits,
)
from crmanalytics.clv.discounting.present_value import discount_factors, present_value
from crmanalytics.clv.discounting.profits import planned_profits, profits_from_periods
from crmanalytics.clv.discounting.projected import (
    gupta_lehmann,
    margin_multiple,
    retention_value,
    varying_retention_value,
)
from crmanalytics.clv.discounting.referrals import attribute_referrals, referral_rates
from crmanalytics.clv.discounting.sensitivity import elasticities, retention_lift_table
from crmanalytics.clv.discounting.wallet import wallet_size

__all__ = [
    "adoption_calibration",
    "adoption_probabilities",
    "attribute_referrals",
    "cross_selling_profits",
    "current_and_potential_value",
    "current_value",
    "customer_equity",
    "cyclic_value",
    "discount_factors",
    "elasticities",
    "equity_components",
    "growing_value",
    "growth_profits",
    "gupta_lehmann",
    "margin_multiple",
    "migration_counts",
    "migration_value",
    "optimal_acquisition",
    "period_rate",
    "planned_profits",
    "present_value",
    "profits_from_periods",
    "profits_from_transactions",
    "referral_profits",
    "referral_rates",
    "retention_lift_table",
    "retention_value",
    "s_shaped_profit",
    "s_shaped_value",
    "varying_retention_value",
    "wallet_size",
]
