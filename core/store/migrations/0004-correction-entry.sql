-- Of an event that has one message for each entry of a list: the entry that a correction is for, counted by the source from 0; NULL for all.
ALTER TABLE correction ADD COLUMN entry INTEGER;
