-- Reports for every hundred visits need the visits: how many there were in a quarter, as the clinic tells its panel. For the
-- panel's own charts alone; no release holds them.
CREATE TABLE visits (
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    quarter date NOT NULL CHECK (extract(day FROM quarter) = 1 AND extract(month FROM quarter) IN (1, 4, 7, 10)), -- its first day
    visits integer NOT NULL CHECK (visits BETWEEN 1 AND 100000000),
    reviewer_id text NOT NULL REFERENCES reviewer (id), -- who wrote it down
    PRIMARY KEY (clinic_id, quarter)
);

GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON visits TO answerable_instance;
GRANT SELECT, INSERT, UPDATE ON visits TO answerable_clinic;
ALTER TABLE visits ENABLE ROW LEVEL SECURITY;
ALTER TABLE visits FORCE ROW LEVEL SECURITY;
CREATE POLICY one_clinic ON visits TO answerable_clinic
    USING (clinic_id = nullif(current_setting('answerable.clinic', true), '')::uuid)
    WITH CHECK (clinic_id = nullif(current_setting('answerable.clinic', true), '')::uuid);
CREATE POLICY whole_place ON visits TO answerable_instance USING (true) WITH CHECK (true);

-- Written and read by nothing since still_counted says what it said.
DROP TABLE figure_late;

-- Programs from before that still write it.
COMMENT ON TABLE bun_migrations IS 'oldest program: 0020';
