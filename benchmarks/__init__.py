"""Measurements. `make bench` runs those that need no data; each says what it takes with --help."""
