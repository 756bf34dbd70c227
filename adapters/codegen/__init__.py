"""Generates repositories from plans with Jinja templates."""
