-- Which tables go out for which times is the panel's to decide, with as many signatures as its list asks. A plan keeps the day on
-- which it was decided.
ALTER TABLE figure_plan ADD COLUMN decided_on date; -- null where no panel decided it: the plan that the first report brought, and older ones
