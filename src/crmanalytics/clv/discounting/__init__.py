"""Discounting: what profits that come later are worth today, customer by customer and in all."""
