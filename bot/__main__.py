"""`python -m bot` is the `paperbot` command."""

from bot.cli import main

main()
