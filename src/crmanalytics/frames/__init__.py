"""Frames: what each kind must hold, the check at the boundary, and the way in and out."""

from crmanalytics.frames.boundary import admit, as_float, as_numpy, column_like, is_pandas
from crmanalytics.frames.contract import Column, Contract, Kind, Rule
from crmanalytics.frames.contracts import CUSTOMERS, RFM_INPUT, SURVEY, TRANSACTIONS
from crmanalytics.frames.eager import (
    admit_eager,
    column_names,
    frame_like,
    with_new,
    with_parameters,
)
from crmanalytics.frames.engines import (
    collected,
    is_lazy,
    left_joined,
    looked_up,
    map_batches,
    need_engine,
    on_engine,
    table_like,
)
from crmanalytics.frames.shown import Shown, rows_in, significant

__all__ = [
    "CUSTOMERS",
    "RFM_INPUT",
    "SURVEY",
    "TRANSACTIONS",
    "Column",
    "Contract",
    "Kind",
    "Rule",
    "Shown",
    "admit",
    "admit_eager",
    "as_float",
    "as_numpy",
    "collected",
    "column_like",
    "column_names",
    "frame_like",
    "is_lazy",
    "is_pandas",
    "left_joined",
    "looked_up",
    "map_batches",
    "need_engine",
    "on_engine",
    "rows_in",
    "significant",
    "table_like",
    "with_new",
    "with_parameters",
]
