ALTER TABLE practice DROP COLUMN reply, DROP COLUMN feedback;
