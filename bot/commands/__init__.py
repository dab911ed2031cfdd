"""What people can ask for. `catalogue` has all commands, `spec` says what a command is."""
