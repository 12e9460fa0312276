"""What each feature means, in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from crmanalytics.columns import DESCRIPTIONS
from crmanalytics.frames.eager import column_names

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["feature_words"]

_WORDS: Final = {
    "customer_id": "the customer",
    "days_since_last": "days from the last purchase to the snapshot",
    "tenure": "days from the first purchase to the snapshot",
    "purchases": "days with a purchase",
    "gap_mean": "mean days between purchases",
    "gap_sd": "standard deviation of the days between purchases",
    "gap_longest": "longest time between purchases, in days",
    "silence_in_gaps": "days since the last purchase, in mean gaps of the customer",
    "silence_over_longest": "days by which the silence exceeds the longest gap so far",
    "spend": "money, net of refunds",
    "spend_per_purchase": "money per day with a purchase",
    "refunds": "rows that are refunds",
    "refund_share": "money given back, as a share of what was sold",
    "products": "different products bought",
    "contacts_open": "contacts that were not resolved yet",
    "complaints_open": "complaints that were not resolved yet",
    "days_since_contacts": "days since the last contact",
    "days_since_complaints": "days since the last complaint",
    "satisfaction": "latest answer",
    "satisfaction_age": "days since the latest answer",
    "satisfaction_change": "latest answer less the one before",
    "p_alive": DESCRIPTIONS["p_alive"],
    "expected_purchases": DESCRIPTIONS["expected_purchases"],
}
_WINDOWED: Final = {
    "purchases": "days with a purchase in the last {} days",
    "purchase_trend": "purchases of the last {0} days against the {0} days before, from -1 to 1",
    "spend": "money of the last {} days, net of refunds",
    "spend_trend": "money of the last {0} days against the {0} days before, from -1 to 1",
    "products": "different products bought in the last {} days",
    "contacts": "contacts in the last {} days",
    "complaints": "complaints in the last {} days",
}
_WINDOW: Final = re.compile(r"(\w+)_(\d+)d")


def feature_words(table: Any) -> pd.DataFrame:  # noqa: ANN401 - any frame
    """Say what each column of a table of features means.

    Parameters
    ----------
    table : DataFrame
        What :func:`features` or :func:`panel` returned.

    Returns
    -------
    pandas.DataFrame
        One row per column: ``column`` and ``meaning``; missing for columns that are your own.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> log = crm.datasets.load_cdnow_sample()
    >>> words = feature_words(crm.churn.features(log, at="1997-10-01", windows=[60]))
    >>> words.set_index("column")["meaning"]["purchases_60d"]
    'days with a purchase in the last 60 days'
    """
    import pandas as pd

    names = column_names(table)
    return pd.DataFrame({"column": names, "meaning": [_meaning(name) for name in names]})


def _meaning(name: str) -> str | None:
    found = _WINDOW.fullmatch(name)
    if found is not None and found[1] in _WINDOWED:
        return _WINDOWED[found[1]].format(found[2])
    return _WORDS.get(name) or DESCRIPTIONS.get(name)
