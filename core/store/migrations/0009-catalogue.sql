-- The city's item catalogue as the platform sent it. A version is used when all of its parts are there and give its digest; it stays for ever,
-- since messages name the version by which their item was judged.
CREATE TABLE catalogue (
  version        INTEGER PRIMARY KEY,
  effective_from TEXT    NOT NULL, -- YYYY-MM-DD
  digest         TEXT    NOT NULL,
  items          INTEGER NOT NULL,
  parts          INTEGER NOT NULL,
  received_at    INTEGER NOT NULL, -- its first part
  whole_at       INTEGER           -- NULL while parts are missing
) STRICT;

-- Of versions that are not whole yet.
CREATE TABLE catalogue_part (
  version INTEGER NOT NULL REFERENCES catalogue ON DELETE CASCADE,
  part    INTEGER NOT NULL,
  items   TEXT    NOT NULL, -- JSON
  PRIMARY KEY (version, part)
) STRICT;

CREATE TABLE catalogue_item (
  version INTEGER NOT NULL REFERENCES catalogue,
  place   INTEGER NOT NULL,
  item    TEXT    NOT NULL, -- JSON
  PRIMARY KEY (version, place)
) STRICT;

-- By each of its codes.
CREATE TABLE catalogue_code (
  version INTEGER NOT NULL,
  code    TEXT    NOT NULL,
  place   INTEGER NOT NULL,
  PRIMARY KEY (version, code),
  FOREIGN KEY (version, place) REFERENCES catalogue_item
) STRICT, WITHOUT ROWID;

-- What came and was not taken.
--   older     a newer version was whole already      conflict  another content of a version that is there
--   damaged   all of its parts were there, and did not give the digest
CREATE TABLE catalogue_refusal (
  version INTEGER NOT NULL,
  digest  TEXT    NOT NULL,
  reason  TEXT    NOT NULL CHECK (reason IN ('older', 'conflict', 'damaged')),
  times   INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (version, digest, reason)
) STRICT;
