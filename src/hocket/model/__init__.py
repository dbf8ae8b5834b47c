"""The network (torch, training only), its tokens and its checkpoint format."""
