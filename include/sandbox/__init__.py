"""A local stand-in for Wrike, as strict as the real one, for trying and testing without an account."""
