"""The bench at work: scenes played on engines, kept, and read as tables."""
