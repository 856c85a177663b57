"""The made-up data of the sandbox, a module an area."""
