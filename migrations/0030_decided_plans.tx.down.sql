ALTER TABLE figure_plan DROP COLUMN decided_on;
