"""The doors: one package for each outside system the bot speaks with."""
