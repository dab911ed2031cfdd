"""The door to Hugging Face: its API, its files, and its way with text."""
