-- How long a clinic and its panel have is the panel's to decide. What happened keeps the clocks of its own day, so that no later
-- decision moves a day that has come.
CREATE TABLE clocks (
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    holds_from date NOT NULL,
    answer integer NOT NULL CHECK (answer BETWEEN 5 AND 40), -- working days until a clinic has answered
    judge integer NOT NULL CHECK (judge BETWEEN 7 AND 60), -- days until the panel has judged
    look_back integer NOT NULL CHECK (look_back BETWEEN 30 AND 180), -- days until the panel asks again about what was kept
    PRIMARY KEY (clinic_id, holds_from)
);

GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON clocks TO answerable_instance;
GRANT SELECT, INSERT, UPDATE ON clocks TO answerable_clinic;

ALTER TABLE clocks ENABLE ROW LEVEL SECURITY;
ALTER TABLE clocks FORCE ROW LEVEL SECURITY;
CREATE POLICY one_clinic ON clocks TO answerable_clinic
    USING (clinic_id = nullif(current_setting('answerable.clinic', true), '')::uuid)
    WITH CHECK (clinic_id = nullif(current_setting('answerable.clinic', true), '')::uuid);
CREATE POLICY whole_place ON clocks TO answerable_instance USING (true) WITH CHECK (true);
