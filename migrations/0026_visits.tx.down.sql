COMMENT ON TABLE bun_migrations IS 'oldest program: 0012';

DROP TABLE visits;

-- What counts of agreed codes need besides: where a report is counted when that is not its own month. Its own may be in a
-- release already, and a writer who takes the report back must find the month again. codes is a hash of the report's month
-- and codes, and not of who wrote or which message it was: two reports with the same codes are one row.
CREATE TABLE figure_late (
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    codes bytea NOT NULL CHECK (octet_length(codes) = 32),
    month date NOT NULL CHECK (extract(day FROM month) = 1), -- in which they are counted
    reports integer NOT NULL CHECK (reports >= 0),
    PRIMARY KEY (clinic_id, codes, month)
);

GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON figure_late TO answerable_instance;
GRANT SELECT, INSERT, UPDATE, DELETE ON figure_late TO answerable_clinic;
ALTER TABLE figure_late ENABLE ROW LEVEL SECURITY;
ALTER TABLE figure_late FORCE ROW LEVEL SECURITY;
CREATE POLICY one_clinic ON figure_late TO answerable_clinic
    USING (clinic_id = nullif(current_setting('answerable.clinic', true), '')::uuid)
    WITH CHECK (clinic_id = nullif(current_setting('answerable.clinic', true), '')::uuid);
CREATE POLICY whole_place ON figure_late TO answerable_instance USING (true) WITH CHECK (true);
