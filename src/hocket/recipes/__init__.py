"""Complete configurations as functions, named for what they make."""
