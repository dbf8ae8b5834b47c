"""Typed events, actions and the score format. Sans-I/O."""
