"""Background jobs and tools: submit, stream, supersede, cancel."""
