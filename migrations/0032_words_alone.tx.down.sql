ALTER TABLE handover DROP COLUMN praise;
ALTER TABLE finding DROP COLUMN must_not;
