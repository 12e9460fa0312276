"""Charts: one function per result frame, each drawing on the axes given and returning them."""

from crmanalytics.plots.answers import plot_answers
from crmanalytics.plots.average import plot_average_retention
from crmanalytics.plots.base import plot_activity, plot_alive, plot_deciles, plot_lorenz
from crmanalytics.plots.calibration import plot_calibration
from crmanalytics.plots.churn_reasons import plot_reasons, plot_time_to_churn
from crmanalytics.plots.churn_score import plot_gain, plot_lift, plot_profit_curve
from crmanalytics.plots.comparison import plot_comparison
from crmanalytics.plots.composite import plot_choices, plot_ranks
from crmanalytics.plots.delivered_value import plot_delivered_value
from crmanalytics.plots.drift import plot_drift, plot_drift_bins
from crmanalytics.plots.drivers import plot_drivers
from crmanalytics.plots.fields import plot_fields
from crmanalytics.plots.fit import plot_frequency_histogram, plot_holdout, plot_tracking
from crmanalytics.plots.kano import plot_kano
from crmanalytics.plots.lifecycle import plot_lifecycle
from crmanalytics.plots.loyalty_link import plot_loyalty_types, plot_satisfaction_link
from crmanalytics.plots.maps import plot_retention, plot_rfm_map, plot_segments
from crmanalytics.plots.migration import plot_migration
from crmanalytics.plots.nps_coverage import plot_nps_coverage
from crmanalytics.plots.penalty_reward import plot_penalty_reward
from crmanalytics.plots.price import plot_demand, plot_price_meter
from crmanalytics.plots.priorities import plot_priorities
from crmanalytics.plots.profit_map import plot_profit_map
from crmanalytics.plots.profit_treemap import plot_profit_treemap
from crmanalytics.plots.pyramid import plot_pyramid
from crmanalytics.plots.quadrant import plot_quadrant
from crmanalytics.plots.retention_plan import plot_retention_plan
from crmanalytics.plots.scores import plot_change, plot_scores
from crmanalytics.plots.sensitivity import plot_sensitivity
from crmanalytics.plots.service_gaps import plot_service_gaps
from crmanalytics.plots.size_and_score import plot_size_and_score
from crmanalytics.plots.stability import plot_stability
from crmanalytics.plots.structural import plot_importance_map, plot_path_diagram, plot_reliability
from crmanalytics.plots.survival import plot_survival
from crmanalytics.plots.transitions import plot_transitions
from crmanalytics.plots.treemap import plot_treemap
from crmanalytics.plots.uplift import plot_uplift_bins, plot_uplift_curve
from crmanalytics.plots.value_matrix import plot_value_matrix
from crmanalytics.plots.whale import plot_whale_curve

__all__ = [
    "plot_activity",
    "plot_alive",
    "plot_answers",
    "plot_average_retention",
    "plot_calibration",
    "plot_change",
    "plot_choices",
    "plot_comparison",
    "plot_deciles",
    "plot_delivered_value",
    "plot_demand",
    "plot_drift",
    "plot_drift_bins",
    "plot_drivers",
    "plot_fields",
    "plot_frequency_histogram",
    "plot_gain",
    "plot_holdout",
    "plot_importance_map",
    "plot_kano",
    "plot_lifecycle",
    "plot_lift",
    "plot_lorenz",
    "plot_loyalty_types",
    "plot_migration",
    "plot_nps_coverage",
    "plot_path_diagram",
    "plot_penalty_reward",
    "plot_price_meter",
    "plot_priorities",
    "plot_profit_curve",
    "plot_profit_map",
    "plot_profit_treemap",
    "plot_pyramid",
    "plot_quadrant",
    "plot_ranks",
    "plot_reasons",
    "plot_reliability",
    "plot_retention",
    "plot_retention_plan",
    "plot_rfm_map",
    "plot_satisfaction_link",
    "plot_scores",
    "plot_segments",
    "plot_sensitivity",
    "plot_service_gaps",
    "plot_size_and_score",
    "plot_stability",
    "plot_survival",
    "plot_time_to_churn",
    "plot_tracking",
    "plot_transitions",
    "plot_treemap",
    "plot_uplift_bins",
    "plot_uplift_curve",
    "plot_value_matrix",
    "plot_whale_curve",
]
