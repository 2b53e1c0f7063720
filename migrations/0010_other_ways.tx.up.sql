-- While a form is closed, its page says how else people can tell. Whoever runs the place fills this in; nothing of it is
-- sealed by us, so each says who runs it.
CREATE TABLE other_way (
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    position integer NOT NULL CHECK (position BETWEEN 0 AND 9),
    name text NOT NULL CHECK (name <> ''),
    what text NOT NULL CHECK (what <> ''),
    run_by text NOT NULL CHECK (run_by <> ''),
    reach text NOT NULL CHECK (reach <> ''),
    PRIMARY KEY (clinic_id, position)
);

GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON other_way TO answerable_instance;
GRANT SELECT, INSERT, DELETE ON other_way TO answerable_clinic;

ALTER TABLE other_way ENABLE ROW LEVEL SECURITY;
ALTER TABLE other_way FORCE ROW LEVEL SECURITY;
CREATE POLICY one_clinic ON other_way TO answerable_clinic
    USING (clinic_id = nullif(current_setting('answerable.clinic', true), '')::uuid)
    WITH CHECK (clinic_id = nullif(current_setting('answerable.clinic', true), '')::uuid);
CREATE POLICY whole_place ON other_way TO answerable_instance USING (true) WITH CHECK (true);
