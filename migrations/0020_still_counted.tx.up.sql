-- A report that stands in a release is counted there for good. When its codes are taken out of the clear and come back, it must
-- not be counted a second time: that it is counted, and in which month, is kept for as long as the message is. figure_late is
-- not used any more: coded and still_counted hold the month itself, and no hash of codes.
CREATE TABLE still_counted (
    leaf_hash bytea PRIMARY KEY REFERENCES submission (leaf_hash) ON DELETE CASCADE,
    counted_in date NOT NULL CHECK (extract(day FROM counted_in) = 1)
);

GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON still_counted TO answerable_instance;
GRANT SELECT, INSERT, DELETE ON still_counted TO answerable_clinic;
ALTER TABLE still_counted ENABLE ROW LEVEL SECURITY;
ALTER TABLE still_counted FORCE ROW LEVEL SECURITY;
CREATE POLICY one_clinic ON still_counted TO answerable_clinic
    USING (EXISTS (SELECT FROM submission WHERE submission.leaf_hash = still_counted.leaf_hash))
    WITH CHECK (EXISTS (SELECT FROM submission WHERE submission.leaf_hash = still_counted.leaf_hash));
CREATE POLICY whole_place ON still_counted TO answerable_instance USING (true) WITH CHECK (true);
