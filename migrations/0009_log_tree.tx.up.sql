-- The log becomes a tree that strangers can check, and every day's leaves get company that says nothing.

-- Hashes above the leaves, one for each full tile of C2SP tlog-tiles: level 1 is over 256 leaves, level 2 over 65 536.
-- Level 0 is log_leaf.leaf_hash. A row is written once and never changes.
CREATE TABLE log_node (
    level integer NOT NULL CHECK (level BETWEEN 1 AND 7),
    index bigint NOT NULL CHECK (index >= 0),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (level, index)
);

-- One row, replaced only by whoever saw the one before. signed is the newest checkpoint as the log signed it; published is
-- the newest that also has the cosignatures its policy asks for, and is what everybody is given.
CREATE TABLE log_checkpoint (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    size bigint NOT NULL CHECK (size >= 0),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    signed text NOT NULL,
    published_size bigint CHECK (published_size <= size),
    published text,
    CHECK ((published_size IS NULL) = (published IS NULL))
);

-- For which day decoys were drawn for a clinic. How many they were is written nowhere.
CREATE TABLE decoy_day (
    clinic_id uuid PRIMARY KEY REFERENCES clinic (id),
    drawn_on date NOT NULL
);

GRANT SELECT, INSERT, UPDATE, DELETE ON log_node, log_checkpoint, decoy_day TO answerable_instance;
GRANT SELECT ON decoy_day TO answerable_clinic;
ALTER TABLE decoy_day ENABLE ROW LEVEL SECURITY;
ALTER TABLE decoy_day FORCE ROW LEVEL SECURITY;
CREATE POLICY one_clinic ON decoy_day TO answerable_clinic
    USING (clinic_id = nullif(current_setting('answerable.clinic', true), '')::uuid);
CREATE POLICY whole_place ON decoy_day TO answerable_instance USING (true) WITH CHECK (true);
