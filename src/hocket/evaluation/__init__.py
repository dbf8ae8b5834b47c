"""Scenes, simulated users, metrics and the report. Never imports training."""
