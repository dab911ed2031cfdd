"""The ground floor: nouns and ports. Standard library only."""
