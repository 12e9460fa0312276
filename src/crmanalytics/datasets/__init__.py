"""Real data to try things on: public purchase logs, read from the lifetimes package's files."""

from crmanalytics.datasets.lifetimes_files import (
    load_cdnow,
    load_cdnow_sample,
    load_cdnow_summary,
    load_donations,
    load_example_transactions,
)

__all__ = [
    "load_cdnow",
    "load_cdnow_sample",
    "load_cdnow_summary",
    "load_donations",
    "load_example_transactions",
]
