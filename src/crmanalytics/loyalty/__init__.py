"""Loyalty: what satisfied customers do, the segments of loyalty, and what price they accept."""
