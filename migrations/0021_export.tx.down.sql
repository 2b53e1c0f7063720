DROP TABLE export_signature;
DROP TABLE export;
DROP FUNCTION export_stays();
