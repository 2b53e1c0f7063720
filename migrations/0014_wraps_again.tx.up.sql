-- A wrap that its receiver cannot open is made again by a colleague. The one before is kept beside it, in this table, so that
-- what destroys an epoch destroys both, and what copies wraps copies both. Rows that were there keep the number 0, and so does
-- what the release before writes.
ALTER TABLE wrap
    ADD COLUMN number integer NOT NULL DEFAULT 0 CHECK (number BETWEEN 0 AND 20),
    -- The receiver's signature that it does not open.
    ADD COLUMN refused bytea CHECK (octet_length(refused) = 64);
ALTER TABLE wrap DROP CONSTRAINT wrap_pkey;
ALTER TABLE wrap ADD PRIMARY KEY (epoch_id, reviewer_id, number);

-- Whether somebody holds a wrap that counts; there is one at most.
CREATE UNIQUE INDEX wrap_in_force ON wrap (epoch_id, reviewer_id) WHERE refused IS NULL;
