"""Dialogues to timed two-lane scores, to rendered audio, to training ticks."""
