DROP TABLE figure_release_signature;
DROP TABLE figure_release;
DROP FUNCTION figure_release_stays;
DROP TABLE figure_count;
DROP TABLE figure_plan;
