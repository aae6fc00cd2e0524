-- The catalog: the only truth. Everything that Chroma holds can be made again from it.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

-- What was read. recipe: what else the articles of a file were made from, such as its entry in a catalog.toml.
CREATE TABLE files (path TEXT PRIMARY KEY, sha256 TEXT NOT NULL, recipe TEXT NOT NULL) STRICT;
CREATE INDEX files_sha256 ON files (sha256);

-- latest: the last day that published can mean. digest and signature find copies: of the normalised text, the
-- SHA-256 and the MinHash. copy_of: the article of that text that stands for all its copies.
-- analysis: the rules by which the rest was derived.
CREATE TABLE articles (
    id              TEXT PRIMARY KEY,
    file            TEXT NOT NULL REFERENCES files (path) ON DELETE CASCADE,
    title           TEXT NOT NULL,
    text            TEXT NOT NULL,
    sha256          TEXT NOT NULL,
    path            TEXT NOT NULL UNIQUE,
    publisher       TEXT,
    published       TEXT,
    latest          TEXT,
    published_basis TEXT NOT NULL,
    language        TEXT NOT NULL,
    origin          TEXT,
    author          TEXT,
    url             TEXT,
    encoding        TEXT NOT NULL,
    digest          TEXT,
    signature       BLOB,
    copy_of         TEXT REFERENCES articles (id) ON DELETE SET NULL,
    analysis        TEXT NOT NULL
) STRICT;
CREATE INDEX articles_file ON articles (file);
CREATE INDEX articles_latest ON articles (latest);
CREATE INDEX articles_digest ON articles (digest);
CREATE INDEX articles_copy_of ON articles (copy_of);

-- Bands of signatures: articles that share one may be copies. Without a reference, which would need a second index.
CREATE TABLE bands (
    hash       INTEGER NOT NULL,
    article_id TEXT NOT NULL,
    PRIMARY KEY (hash, article_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE regions (
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    kind       TEXT NOT NULL,
    start      INTEGER NOT NULL,
    end        INTEGER NOT NULL
) STRICT;
CREATE INDEX regions_article ON regions (article_id);

-- start and end count code points of articles.text; the text itself is not stored twice. A number is never given
-- again, so that what was derived under it stays true or is gone.
CREATE TABLE chunks (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL UNIQUE,
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    ordinal    INTEGER NOT NULL,
    start      INTEGER NOT NULL,
    end        INTEGER NOT NULL,
    heading    TEXT NOT NULL,
    caption    INTEGER NOT NULL,
    vector     BLOB NOT NULL
) STRICT;
CREATE INDEX chunks_article ON chunks (article_id);

CREATE TABLE sentences (
    chunk  INTEGER NOT NULL REFERENCES chunks (number) ON DELETE CASCADE,
    start  INTEGER NOT NULL,
    end    INTEGER NOT NULL,
    vector BLOB NOT NULL
) STRICT;
CREATE INDEX sentences_chunk ON sentences (chunk);

-- terms: the analyser's, so that SQLite's own tokenizer only has to split at spaces.
CREATE VIRTUAL TABLE lexical USING fts5 (
    terms, tokenize = "unicode61 remove_diacritics 0 tokenchars '@-.'"
);

-- Content words with their embeddings, for words that mean much the same.
CREATE TABLE words (term TEXT PRIMARY KEY, vector BLOB NOT NULL) STRICT;

-- The journal: in what the published index differs from the catalog. present: 1 to be told, 0 to be forgotten.
CREATE TABLE pending (chunk_id TEXT PRIMARY KEY, present INTEGER NOT NULL) STRICT;
