"""Churn: leak-free labels and features, calibrated classifiers, profit measures, time to churn and drift."""
