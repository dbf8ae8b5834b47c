"""Benchmarks: one command each, results as JSON with the command and the machine that made them."""
