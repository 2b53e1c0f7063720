DROP TABLE kept_reminder;
