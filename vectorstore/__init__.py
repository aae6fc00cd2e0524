"""An article's way in: file, loading, cleaning, chunking, embedding, catalog, index; and retrieval out of it."""
