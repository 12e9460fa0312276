"""Churn: leak-free labels and features, classifiers, profit measures, time to churn, drift."""
