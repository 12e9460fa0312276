"""The contracts of the frames that the library takes, each in one place."""

from __future__ import annotations

from typing import Final

import narwhals.stable.v2 as nw

from crmanalytics import columns as c
from crmanalytics.frames.contract import Column, Contract, Kind, Rule

__all__ = ["CONTRACTS", "CUSTOMERS", "RFM_INPUT", "SURVEY", "TRANSACTIONS"]

_CLEAN = "remove such rows with clean(...), which reports them"

TRANSACTIONS: Final = Contract(
    frame="transactions",
    columns=(
        Column(c.CUSTOMER_ID, Kind.IDENTIFIER, null_remedy=_CLEAN),
        Column(c.DATE, Kind.DATE, null_remedy=_CLEAN),
        Column(c.AMOUNT, Kind.NUMBER, required=False, null_remedy=_CLEAN),
        Column(c.QUANTITY, Kind.NUMBER, required=False, null_remedy=_CLEAN),
        Column(c.ORDER_ID, Kind.IDENTIFIER, required=False, null_remedy=_CLEAN),
        Column(c.PRODUCT_ID, Kind.IDENTIFIER, required=False, null_remedy=_CLEAN),
    ),
)

CUSTOMERS: Final = Contract(
    frame="customers",
    columns=(
        Column(c.CUSTOMER_ID, Kind.IDENTIFIER, required=False),
        Column(c.FREQUENCY, Kind.COUNT, low=0),
        Column(c.RECENCY, Kind.NUMBER, low=0),
        Column(c.T, Kind.NUMBER, low=0),
        Column(c.MONETARY_VALUE, Kind.NUMBER, required=False, low=0),
        Column(c.WEIGHT, Kind.NUMBER, required=False, low=0),
    ),
    rules=(
        Rule(
            f"must not exceed customers['{c.T}']",
            nw.col(c.RECENCY) > nw.col(c.T),
            (c.RECENCY, c.T),
            "Was 'until' before the last transaction?",
        ),
        Rule(
            "must be 0 for customers without a repeat purchase",
            (nw.col(c.FREQUENCY) == 0) & (nw.col(c.RECENCY) > 0),
            (c.RECENCY, c.FREQUENCY),
            "recency runs from the first purchase to the last one; "
            "for 'days since the last purchase' see days_since_last",
        ),
    ),
    names_row_by=c.CUSTOMER_ID,
)

RFM_INPUT: Final = Contract(
    frame="customers",
    columns=(
        Column(c.CUSTOMER_ID, Kind.IDENTIFIER, required=False),
        Column(c.DAYS_SINCE_LAST, Kind.NUMBER, low=0),
        Column(c.ORDERS, Kind.COUNT, low=0),
        Column(c.TOTAL, Kind.NUMBER),
    ),
    names_row_by=c.CUSTOMER_ID,
)

SURVEY: Final = Contract(
    frame="survey",
    columns=(
        Column(c.RESPONDENT_ID, Kind.IDENTIFIER),
        Column(c.CUSTOMER_ID, Kind.IDENTIFIER, required=False),
        Column(c.SURVEY_DATE, Kind.DATE, required=False),
        Column(c.WEIGHT, Kind.NUMBER, required=False, low=0),
    ),
    names_row_by=c.RESPONDENT_ID,
    unique=(c.RESPONDENT_ID,),
)

CONTRACTS: Final = Contract(
    frame="contracts",
    columns=(
        Column(c.CUSTOMER_ID, Kind.IDENTIFIER),
        Column(c.START, Kind.DATE),
        Column(c.END, Kind.DATE, nullable=True),
        Column(c.REASON, Kind.LABEL, required=False, nullable=True),
    ),
    rules=(
        Rule(
            f"must be after contracts['{c.START}']",
            nw.col(c.END) <= nw.col(c.START),
            (c.END, c.START),
            "end is the first day without the contract; leave it empty while the contract runs",
        ),
    ),
    names_row_by=c.CUSTOMER_ID,
)
