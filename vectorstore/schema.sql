-- The catalog: the only truth. Everything that Chroma holds can be made again from it.
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE IF NOT EXISTS articles (
    id              TEXT PRIMARY KEY,
    title           TEXT NOT NULL,
    text            TEXT NOT NULL,
    sha256          TEXT NOT NULL,
    path            TEXT NOT NULL UNIQUE,
    publisher       TEXT,
    published       TEXT,
    published_basis TEXT NOT NULL,
    language        TEXT NOT NULL,
    origin          TEXT
) STRICT;

CREATE TABLE IF NOT EXISTS regions (
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    kind       TEXT NOT NULL,
    start      INTEGER NOT NULL,
    end        INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS regions_article ON regions (article_id);

-- start and end count code points of articles.text; the text itself is not stored twice.
CREATE TABLE IF NOT EXISTS chunks (
    number     INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    ordinal    INTEGER NOT NULL,
    start      INTEGER NOT NULL,
    end        INTEGER NOT NULL,
    heading    TEXT NOT NULL,
    caption    INTEGER NOT NULL,
    vector     BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS chunks_article ON chunks (article_id);

CREATE TABLE IF NOT EXISTS sentences (
    chunk  INTEGER NOT NULL REFERENCES chunks (number) ON DELETE CASCADE,
    start  INTEGER NOT NULL,
    end    INTEGER NOT NULL,
    vector BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS sentences_chunk ON sentences (chunk);

-- terms: the analyser's, so that SQLite's own tokenizer only has to split at spaces.
CREATE VIRTUAL TABLE IF NOT EXISTS lexical USING fts5 (
    terms, tokenize = "unicode61 remove_diacritics 0 tokenchars '@-.'"
);

-- Content words with their embeddings, for words that mean much the same.
CREATE TABLE IF NOT EXISTS words (term TEXT PRIMARY KEY, vector BLOB NOT NULL) STRICT;

-- What the index has still to be told; deleted once it was.
CREATE TABLE IF NOT EXISTS pending (chunk_id TEXT PRIMARY KEY, present INTEGER NOT NULL) STRICT;
