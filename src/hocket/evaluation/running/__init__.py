"""The suite ``runtime``: what an engine costs on this machine, measured while it runs."""
