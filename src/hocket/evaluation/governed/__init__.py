"""The suite ``governance``: sessions in which nobody behaves, and what must not happen in them."""
