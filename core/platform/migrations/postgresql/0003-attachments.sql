-- Attachments whose content is in the folder of attachments, whole and verified.
CREATE TABLE attachment (
  digest text PRIMARY KEY,
  size bigint NOT NULL,
  gateway text NOT NULL, -- that it came from first; empty for one without a name
  arrived_at bigint NOT NULL
);

-- What of an attachment is on disk. Each gateway, and each size that is said of a digest, has a file of its own: who says something wrong spoils only that.
CREATE TABLE partial_attachment (
  gateway text NOT NULL,
  digest text NOT NULL,
  size bigint NOT NULL,
  ranges text NOT NULL, -- JSON: [from, until] of bytes, sorted, apart from each other
  last_at bigint NOT NULL,
  PRIMARY KEY (gateway, digest, size)
);

CREATE TABLE attachment_tally (
  day text NOT NULL,
  gateway text NOT NULL,
  chunks bigint NOT NULL,
  duplicates bigint NOT NULL,
  refused bigint NOT NULL,
  arrived bigint NOT NULL,
  different bigint NOT NULL,
  PRIMARY KEY (day, gateway)
);
