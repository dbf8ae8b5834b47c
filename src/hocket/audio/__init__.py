"""Frames, levels, resampling and the playout ledger. numpy only."""
