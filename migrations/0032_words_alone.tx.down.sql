ALTER TABLE finding DROP COLUMN must_not;
