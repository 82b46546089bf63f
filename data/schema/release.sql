-- The tables of a release. `position` is a row's place in its family: it orders every list and is what a page's cursor
-- remembers. Numbers are stored as DECIMAL(38,18) and never computed with here. Columns are named as the fields of the
-- Structs in data/facts; `data.build` fills each table from the Structs, column by column.

-- The release itself: one row, so that a file tells what it is without its manifest.
CREATE TABLE release (
    id VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    schema_version INTEGER NOT NULL
);

-- Every family of facts as the JSON it was hashed from, compressed: what the engine's snapshot is decoded from.
CREATE TABLE documents (
    family VARCHAR NOT NULL,
    body BLOB NOT NULL
);

CREATE TABLE sources (
    position INTEGER NOT NULL,
    id VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    publisher VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    evidence VARCHAR NOT NULL,
    seen DATE NOT NULL,
    published DATE,
    published_precision VARCHAR NOT NULL,
    sha256 VARCHAR,
    note VARCHAR
);

CREATE TABLE conflicts (
    position INTEGER NOT NULL,
    key VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    family VARCHAR,
    fact VARCHAR NOT NULL,
    kept VARCHAR NOT NULL,
    other VARCHAR NOT NULL,
    kept_source VARCHAR NOT NULL,
    other_source VARCHAR NOT NULL,
    why VARCHAR NOT NULL
);

CREATE TABLE gaps (
    position INTEGER NOT NULL,
    subject VARCHAR NOT NULL,
    family VARCHAR NOT NULL,
    text VARCHAR NOT NULL
);

CREATE TABLE verifications (
    position INTEGER NOT NULL,
    venue VARCHAR NOT NULL,
    family VARCHAR NOT NULL,
    last_verified DATE NOT NULL,
    precision VARCHAR NOT NULL
);
