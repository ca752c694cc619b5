-- Attachments that pass through a bucket: what is not on disk yet is fetched there, and does not come in chunks.
ALTER TABLE partial_attachment ADD COLUMN in_bucket boolean NOT NULL DEFAULT false;
