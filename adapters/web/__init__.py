"""The bot's one web server: health, metrics, and whatever pages the doors have."""
