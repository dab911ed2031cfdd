"""The cellar: the database and the search index."""
