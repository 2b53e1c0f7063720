DROP TRIGGER figure_release_begins ON figure_release;
DROP FUNCTION figure_release_begins();
