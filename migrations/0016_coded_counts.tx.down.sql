DROP TABLE figure_late;
