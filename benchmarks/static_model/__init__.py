"""How `storage/meaning/static.npz` is made: `python -m benchmarks.static_model --help`."""
