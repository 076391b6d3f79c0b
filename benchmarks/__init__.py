"""Benchmarks, and the worlds of made-up people that they and the quality checks run on. See CONTRIBUTING.md."""
