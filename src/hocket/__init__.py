"""Hocket: open interaction models, AI that listens while it talks."""

__version__ = "0.1.0"
