"""One live conversation; the only package that knows engine, policy and delegation. No I/O."""
