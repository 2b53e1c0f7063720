ALTER TABLE clinic DROP COLUMN backup_days;
DROP TABLE opening_answer;
DROP TABLE opening;
ALTER TABLE wrap DROP COLUMN signature, DROP COLUMN from_id;
DROP TABLE decision_signature;
DROP TABLE decision;
