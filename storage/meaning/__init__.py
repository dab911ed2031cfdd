"""What a text means, as a vector: the small model that comes with the program."""
