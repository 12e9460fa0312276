"""Surveys: from raw answers to weighted, checked and reliable tables."""
