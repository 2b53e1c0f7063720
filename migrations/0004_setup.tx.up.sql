-- Since when is each list of a panel's members in force? People who check the keys may know the day; lists from before this
-- step have none.
ALTER TABLE panel_manifest ADD COLUMN logged_on date;
