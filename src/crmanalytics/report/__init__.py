"""The report: one page that a marketing director can read, without network or other files."""

from crmanalytics.report.digest import Digest, Totals
from crmanalytics.report.material import Material
from crmanalytics.report.page import render, write

__all__ = ["Digest", "Material", "Totals", "render", "write"]
