"""The vocabulary: every column name that the library reads or writes, with its meaning and unit.

Callers' own names are translated into these once, at the door; afterwards only these are used.
'T' and 'recency' mean what they mean in the buy-till-you-die papers: both are measured from the
customer's first purchase. How long ago the last purchase was is ``days_since_last``.
"""

from __future__ import annotations

from typing import Final

__all__ = ["DESCRIPTIONS"]

CUSTOMER_ID: Final = "customer_id"
DATE: Final = "date"
AMOUNT: Final = "amount"
QUANTITY: Final = "quantity"
ORDER_ID: Final = "order_id"
PRODUCT_ID: Final = "product_id"

FREQUENCY: Final = "frequency"
RECENCY: Final = "recency"
T: Final = "T"
MONETARY_VALUE: Final = "monetary_value"
FIRST_DATE: Final = "first_date"
LAST_DATE: Final = "last_date"
DAYS_SINCE_LAST: Final = "days_since_last"
ORDERS: Final = "orders"
TOTAL: Final = "total"
REFUNDS: Final = "refunds"
WEIGHT: Final = "weight"

FREQUENCY_HOLDOUT: Final = "frequency_holdout"
MONETARY_VALUE_HOLDOUT: Final = "monetary_value_holdout"
TOTAL_HOLDOUT: Final = "total_holdout"
DURATION_HOLDOUT: Final = "duration_holdout"

R_SCORE: Final = "r_score"
F_SCORE: Final = "f_score"
M_SCORE: Final = "m_score"
RFM_SCORE: Final = "rfm_score"
SEGMENT: Final = "segment"

P_ALIVE: Final = "p_alive"
P_ACTIVE: Final = "p_active"
EXPECTED_PURCHASES: Final = "expected_purchases"
EXPECTED_SPEND: Final = "expected_spend"
CLV: Final = "clv"

PERIOD: Final = "period"
PERIODS: Final = "periods"
STATE: Final = "state"
REVENUE: Final = "revenue"
COST_TO_SERVE: Final = "cost_to_serve"
COST_TO_KEEP: Final = "cost_to_keep"
ACQUISITION_COST: Final = "acquisition_cost"
PROFIT: Final = "profit"
DISCOUNT_RATE: Final = "discount_rate"
PROBABILITY: Final = "probability"
STANDARD_ERROR: Final = "standard_error"
SPEND: Final = "spend"
WALLET: Final = "wallet"
REFERRER_ID: Final = "referrer_id"
REFERRED: Final = "referred"
CURRENT: Final = "current"
POTENTIAL: Final = "potential"
CROSS_SELLING: Final = "cross_selling"
GROWTH: Final = "growth"
REFERRALS: Final = "referrals"
STRATEGY: Final = "strategy"

COHORT: Final = "cohort"
SURVIVORS: Final = "survivors"
RENEWALS: Final = "renewals"
CHURNED: Final = "churned"
CHURN_PROBABILITY: Final = "churn_probability"
CHURN_TYPE: Final = "churn_type"
SNAPSHOT: Final = "snapshot"
OUTCOME_START: Final = "outcome_start"
OUTCOME_END: Final = "outcome_end"
VALID_FROM: Final = "valid_from"
START: Final = "start"
END: Final = "end"
REASON: Final = "reason"
RESOLVED: Final = "resolved"
STATUS: Final = "status"
DURATION: Final = "duration"
TREATED: Final = "treated"
UPLIFT: Final = "uplift"

CRITERION: Final = "criterion"
COST: Final = "cost"
MARGIN: Final = "margin"
PRODUCTIVITY: Final = "productivity"
RISK: Final = "risk"
SATISFACTION: Final = "satisfaction"
CHURN_RISK: Final = "churn_risk"
FIELD: Final = "field"
PRIORITY: Final = "priority"

RESPONDENT_ID: Final = "respondent_id"
SURVEY_DATE: Final = "date"
METRIC: Final = "metric"
ESTIMATE: Final = "estimate"
SE: Final = "se"
LOW: Final = "low"
HIGH: Final = "high"
N: Final = "n"
N_EFFECTIVE: Final = "n_effective"
N_MISSING: Final = "n_missing"
METHOD: Final = "method"

DESCRIPTIONS: Final[dict[str, str]] = {
    CUSTOMER_ID: "who bought: any hashable identifier",
    DATE: "when: a date or timestamp",
    AMOUNT: "money of the row, in the log's currency; negative is a refund",
    QUANTITY: "units of the row",
    ORDER_ID: "the order or invoice that the row belongs to",
    PRODUCT_ID: "the product of the row",
    FREQUENCY: "repeat purchase occasions: all occasions but the first",
    RECENCY: "time from the first to the last purchase, in the frame's unit",
    T: "time from the first purchase to the end of observation, in the frame's unit",
    MONETARY_VALUE: "mean money per repeat occasion; 0 for one-time buyers",
    FIRST_DATE: "calendar day of the first purchase",
    LAST_DATE: "calendar day of the last purchase",
    DAYS_SINCE_LAST: "days from the last purchase to the end of observation",
    ORDERS: "purchase occasions, the first included",
    TOTAL: "money spent, net of refunds",
    REFUNDS: "money given back, as a positive number",
    WEIGHT: "how many customers the row stands for",
    FREQUENCY_HOLDOUT: "purchase occasions in the holdout period",
    MONETARY_VALUE_HOLDOUT: "mean money per occasion in the holdout period; 0 without any",
    TOTAL_HOLDOUT: "money spent in the holdout period, net of refunds",
    DURATION_HOLDOUT: "length of the holdout period, in the frame's unit",
    R_SCORE: "recency score; the highest is the most recent",
    F_SCORE: "frequency score; the highest is the most frequent",
    M_SCORE: "monetary score; the highest has spent most",
    RFM_SCORE: "the three scores side by side, as a three-digit number",
    SEGMENT: "name of the RFM segment",
    P_ALIVE: "probability that the customer is still active",
    P_ACTIVE: "probability of at least one purchase over the horizon",
    EXPECTED_PURCHASES: "expected purchases over the horizon",
    EXPECTED_SPEND: "expected money per purchase",
    CLV: "discounted expected margin over the horizon",
    PERIOD: "number of the period, counted from 0",
    PERIODS: "how many periods the customer's relationship has",
    STATE: "state of a customer in a period",
    REVENUE: "money taken in the period, net of refunds",
    COST_TO_SERVE: "what the period's orders cost to serve",
    COST_TO_KEEP: "what keeping the customer cost in the period",
    ACQUISITION_COST: "what winning the customer cost",
    PROFIT: "money earned in the period, after the costs counted",
    DISCOUNT_RATE: "discount rate per year of the row's customer and period",
    PROBABILITY: "estimated probability",
    STANDARD_ERROR: "standard error of the estimate beside it",
    SPEND: "money spent per period",
    WALLET: "money per period that a customer could spend, here or elsewhere",
    REFERRER_ID: "customer who recommended",
    REFERRED: "new customers won by recommendation",
    CURRENT: "discounted current profits",
    POTENTIAL: "discounted potential profits, of all sources",
    CROSS_SELLING: "discounted potential profit of products not yet owned",
    GROWTH: "discounted potential profit of a larger share of wallet",
    REFERRALS: "discounted potential profit of customers won by recommendation",
    STRATEGY: "what the value matrix advises",
    COHORT: "the group of customers who started together",
    SURVIVORS: "customers of the cohort who are still there after the period's renewal",
    RENEWALS: "renewals that the customer has made so far",
    CHURNED: "whether the customer has left: true or false, or 1 and 0",
    CHURN_PROBABILITY: "predicted probability that the customer leaves within the outcome window",
    CHURN_TYPE: "who ended it: voluntary (the customer), involuntary (the firm), or unknown",
    SNAPSHOT: "day from which one looks ahead; all that is known is from before it",
    OUTCOME_START: "first day of the outcome window",
    OUTCOME_END: "first day after the outcome window",
    VALID_FROM: "day from which what the row says was known",
    START: "first day of the contract",
    END: "first day without the contract; missing while it runs",
    REASON: "why the contract ended",
    RESOLVED: "day on which the complaint was settled; missing while it is open",
    STATUS: "where the customer stands on the day asked about",
    DURATION: "days that the relationship lasted, or has lasted so far",
    TREATED: "whether the experiment chose the customer for the treatment",
    UPLIFT: "how much the treatment changes the customer's expected outcome",
    CRITERION: "name of a criterion that alternatives are judged by",
    COST: "what it cost, as a positive number",
    MARGIN: "profit per unit of revenue",
    PRODUCTIVITY: "profit per unit of cost",
    RISK: "standard deviation of the profit per period, by its mean",
    SATISFACTION: "how satisfied the customer is; more is better",
    CHURN_RISK: "probability that the customer leaves",
    FIELD: "field of a two-way matrix",
    PRIORITY: "1 for what comes first",
    RESPONDENT_ID: "who answered: any hashable identifier",
    METRIC: "what was estimated",
    ESTIMATE: "the estimate",
    SE: "standard error of the estimate",
    LOW: "lower bound of the interval",
    HIGH: "upper bound of the interval",
    N: "rows that answered, unweighted",
    N_EFFECTIVE: "size of a simple random sample that would tell as much",
    N_MISSING: "rows without an answer, 'do not know' included",
    METHOD: "how the interval was made",
}
