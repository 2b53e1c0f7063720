DROP TABLE act;
DROP TABLE recusal;
DROP TABLE claim;
DROP TABLE review_file;
