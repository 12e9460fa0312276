"""Charts: one function per result frame, each drawing on the axes given and returning them."""

from crmanalytics.plots.base import plot_activity, plot_alive, plot_deciles, plot_lorenz
from crmanalytics.plots.fit import plot_frequency_histogram, plot_holdout, plot_tracking
from crmanalytics.plots.maps import plot_retention, plot_rfm_map, plot_segments
from crmanalytics.plots.value_matrix import plot_value_matrix

__all__ = [
    "plot_activity",
    "plot_alive",
    "plot_deciles",
    "plot_frequency_histogram",
    "plot_holdout",
    "plot_lorenz",
    "plot_retention",
    "plot_rfm_map",
    "plot_segments",
    "plot_tracking",
    "plot_value_matrix",
]
