"""Purchase logs: cleaned with a record of what was removed, and summarised per customer."""

from crmanalytics.transactions.clean import Cleaned, clean
from crmanalytics.transactions.split import split
from crmanalytics.transactions.summarize import summarize

__all__ = ["Cleaned", "clean", "split", "summarize"]
