"""Benchmarks: what the storages and the graph runner cost beside a plain reference, measured in the same run."""
