DROP TABLE rest_week;
DROP TABLE handback_week;
