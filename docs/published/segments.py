"""Concentration and weights: values that other packages give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

import crmanalytics as crm
from published import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from published import Number

INEQ = (541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261)


def published() -> Iterator[Number]:
    """Give the numbers."""
    for values, printed in (((1, 2, 3, 4), "0.25"), ((0, 0, 0, 1), "0.75"), (INEQ, "0.462091130")):
        frame = pd.DataFrame({"total": [float(v) for v in values]})
        found = {f"Gini of {len(values)} values": (printed, crm.segments.gini(frame))}
        yield from numbers("Concentration", "ineq (R)", found)
