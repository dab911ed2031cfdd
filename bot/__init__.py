"""The core of paperbot: what it does, with no platform, no SQL and no HTTP in it."""
