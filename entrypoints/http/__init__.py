"""The HTTP entrypoint: the use cases as a small JSON API."""
