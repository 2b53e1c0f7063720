-- In which language a panel and its clinic write their own words: a code of those that the pages have.
ALTER TABLE clinic ADD COLUMN language text NOT NULL DEFAULT 'en';
