ALTER TABLE session DROP COLUMN signed_in_on, DROP COLUMN device;
DROP TABLE passkey_file;
DELETE FROM invitation WHERE clinic_id IS NULL;
ALTER TABLE invitation ALTER COLUMN clinic_id SET NOT NULL;
ALTER TABLE invitation RENAME TO panel_invitation;
DROP TABLE steward;
