"""The reference implementation, kept from changing the process that tests run in."""

from __future__ import annotations

import warnings

import pandas as pd
import pytest


@pytest.fixture(scope="session")
def reference():
    """Return the summary of the lifetimes package as a function of our argument names."""
    option = "mode.chained_assignment"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = pd.get_option(option)
        from lifetimes.utils import summary_data_from_transaction_data

        pd.set_option(option, before)

    def summary(log, until, amount="amount", days=1):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return summary_data_from_transaction_data(
                log,
                "customer_id",
                "date",
                amount,
                observation_period_end=until,
                freq="D",
                freq_multiplier=days,
            )

    return summary
