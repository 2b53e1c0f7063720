DROP TABLE practice;
DROP TABLE finding;
DROP TABLE coded;
