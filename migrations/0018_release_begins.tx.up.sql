-- A release begins as a draft: work for a clinic writes none that is released at once, past the signatures. Whoever brings a
-- copy of the whole place back works for no clinic, and brings releases back as they are.
CREATE FUNCTION figure_release_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'draft' AND current_user = 'answerable_clinic' THEN
        RAISE EXCEPTION 'a release begins as a draft';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER figure_release_begins BEFORE INSERT ON figure_release FOR EACH ROW EXECUTE FUNCTION figure_release_begins();
