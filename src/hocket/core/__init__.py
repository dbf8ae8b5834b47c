"""Clock, units, errors and the bounded channel. Standard library only."""
