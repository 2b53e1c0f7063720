ALTER TABLE finding DROP CONSTRAINT finding_must_not, DROP CONSTRAINT finding_words_alone, DROP COLUMN must_not;
