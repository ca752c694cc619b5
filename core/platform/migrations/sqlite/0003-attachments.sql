-- Attachments whose content is in the folder of attachments, whole and verified.
CREATE TABLE attachment (
  digest TEXT PRIMARY KEY,
  size INTEGER NOT NULL,
  gateway TEXT NOT NULL, -- that it came from first; empty for one without a name
  arrived_at INTEGER NOT NULL
) STRICT;

-- What of an attachment is on disk. Each gateway, and each size that is said of a digest, has a file of its own: who says something wrong spoils only that.
CREATE TABLE partial_attachment (
  gateway TEXT NOT NULL,
  digest TEXT NOT NULL,
  size INTEGER NOT NULL,
  ranges TEXT NOT NULL, -- JSON: [from, until] of bytes, sorted, apart from each other
  last_at INTEGER NOT NULL,
  PRIMARY KEY (gateway, digest, size)
) STRICT;

CREATE TABLE attachment_tally (
  day TEXT NOT NULL,
  gateway TEXT NOT NULL,
  chunks INTEGER NOT NULL,
  duplicates INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  arrived INTEGER NOT NULL,
  different INTEGER NOT NULL,
  PRIMARY KEY (day, gateway)
) STRICT;
