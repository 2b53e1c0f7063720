ALTER TABLE panel_manifest DROP COLUMN logged_on;
