"""Losses, loop, checkpoints and export. Needs torch."""
