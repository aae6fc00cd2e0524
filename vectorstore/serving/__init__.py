"""A Chroma server in place of the folder of the index."""
