"""Segments: predicates over a profile and the clock, and exactly until when each answer holds."""
