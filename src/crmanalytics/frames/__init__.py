"""Frames: what each kind must hold, the check at the boundary, and the way in and out."""

from crmanalytics.frames.boundary import admit, as_float, as_numpy, column_like, is_pandas
from crmanalytics.frames.contract import Column, Contract, Kind, Rule
from crmanalytics.frames.contracts import CUSTOMERS, RFM_INPUT, SURVEY, TRANSACTIONS

__all__ = [
    "CUSTOMERS",
    "RFM_INPUT",
    "SURVEY",
    "TRANSACTIONS",
    "Column",
    "Contract",
    "Kind",
    "Rule",
    "admit",
    "as_float",
    "as_numpy",
    "column_like",
    "is_pandas",
]
