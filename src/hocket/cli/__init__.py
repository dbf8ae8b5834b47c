"""The command line: the composition root, the only place where parts are chosen and joined."""
