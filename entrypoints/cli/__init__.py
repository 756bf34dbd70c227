"""The command line: one command a use case, and the in-process run that `design` is made of."""
