"""Other people's question sets: read, and asked over a store of their own documents."""
