"""Satisfaction: scores, indices, drivers and structural models of surveys, with their uncertainty."""
