"""What the bench plays to an engine: scenes as values, made from a seed, before a sample sounds."""
