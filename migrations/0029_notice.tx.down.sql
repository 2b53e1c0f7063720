ALTER TABLE clinic DROP COLUMN notice_proposed, DROP COLUMN notice_proposed_on;
