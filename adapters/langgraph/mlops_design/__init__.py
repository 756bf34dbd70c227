"""The workflow that designs, checks and generates an ML system."""
