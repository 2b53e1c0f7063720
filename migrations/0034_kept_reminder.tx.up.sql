-- A step back goes with its message, when that is taken back or its key destroyed, and its writer may write on with the same words. What
-- the reviewer's own client knows them by stays here: by reviewer, sealed to nobody else and signed by them. It names no message, in the
-- clear or inside, and has no day; how many there are says how often somebody stepped back in all.
CREATE TABLE kept_reminder (
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    reviewer_id text NOT NULL REFERENCES reviewer (id),
    file_hash bytea NOT NULL CHECK (octet_length(file_hash) = 32),
    file bytea NOT NULL CHECK (octet_length(file) = 18043),
    signature bytea NOT NULL CHECK (octet_length(signature) = 64),
    PRIMARY KEY (clinic_id, reviewer_id, file_hash)
);

GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON kept_reminder TO answerable_instance;
GRANT SELECT, INSERT ON kept_reminder TO answerable_clinic;
ALTER TABLE kept_reminder ENABLE ROW LEVEL SECURITY;
ALTER TABLE kept_reminder FORCE ROW LEVEL SECURITY;
CREATE POLICY one_clinic ON kept_reminder TO answerable_clinic
    USING (clinic_id = nullif(current_setting('answerable.clinic', true), '')::uuid)
    WITH CHECK (clinic_id = nullif(current_setting('answerable.clinic', true), '')::uuid);
CREATE POLICY whole_place ON kept_reminder TO answerable_instance USING (true) WITH CHECK (true);
