"""Validates the bytes of generated repositories."""
