-- Only the newest of each stays.
DELETE FROM wrap USING wrap AS later
WHERE later.epoch_id = wrap.epoch_id AND later.reviewer_id = wrap.reviewer_id AND later.number > wrap.number;
DROP INDEX wrap_in_force;
ALTER TABLE wrap DROP CONSTRAINT wrap_pkey;
ALTER TABLE wrap ADD PRIMARY KEY (epoch_id, reviewer_id);
ALTER TABLE wrap DROP COLUMN refused, DROP COLUMN number;
