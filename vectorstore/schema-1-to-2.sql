-- A store of version 1 as one of version 2; no article and no vector is lost. Foreign keys must be off.
CREATE TABLE files (path TEXT PRIMARY KEY, sha256 TEXT NOT NULL, recipe TEXT NOT NULL) STRICT;
CREATE INDEX files_sha256 ON files (sha256);
INSERT INTO files SELECT path, sha256, '' FROM articles;

CREATE TABLE new_articles (
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
INSERT INTO new_articles
SELECT id, path, title, text, sha256, path, publisher, published,
       CASE length(published)
           WHEN 4 THEN published || '-12-31'
           WHEN 7 THEN date(published || '-01', '+1 month', '-1 day')
           ELSE published
       END,
       published_basis, language, origin, NULL, NULL, 'utf-8 (strict)', NULL, NULL, NULL, ''
FROM articles;
DROP TABLE articles;
ALTER TABLE new_articles RENAME TO articles;
CREATE INDEX articles_file ON articles (file);
CREATE INDEX articles_latest ON articles (latest);
CREATE INDEX articles_digest ON articles (digest);
CREATE INDEX articles_copy_of ON articles (copy_of);

CREATE TABLE bands (
    hash       INTEGER NOT NULL,
    article_id TEXT NOT NULL,
    PRIMARY KEY (hash, article_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE new_chunks (
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
INSERT INTO new_chunks SELECT * FROM chunks;
DROP TABLE chunks;
ALTER TABLE new_chunks RENAME TO chunks;
CREATE INDEX chunks_article ON chunks (article_id);

-- The index of version 1 has another form: all is pending.
DELETE FROM pending;
INSERT INTO pending SELECT id, 1 FROM chunks;
