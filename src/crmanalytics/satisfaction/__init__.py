"""Satisfaction: scores, indices, drivers and structural models, with their uncertainty."""
