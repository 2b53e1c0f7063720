ALTER TABLE clinic DROP COLUMN language;
