-- How the work and the rest lie on a panel over weeks, for the panel to see. Whole weeks, named by their Monday, and nothing finer.
-- What each member took is worked out from claims, and goes with the messages.

-- Weeks in which a member said that they rest. No reason.
CREATE TABLE rest_week (
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    reviewer_id text NOT NULL REFERENCES reviewer (id),
    week date NOT NULL CHECK (extract(isodow FROM week) = 1),
    PRIMARY KEY (clinic_id, reviewer_id, week)
);

-- How many parts were handed back on the whole panel in a week: not by whom, and not of which message.
CREATE TABLE handback_week (
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    week date NOT NULL CHECK (extract(isodow FROM week) = 1),
    count integer NOT NULL CHECK (count > 0),
    PRIMARY KEY (clinic_id, week)
);

GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON rest_week, handback_week TO answerable_instance;
GRANT SELECT, INSERT, DELETE ON rest_week TO answerable_clinic;
GRANT SELECT, INSERT, UPDATE, DELETE ON handback_week TO answerable_clinic;

DO $$
DECLARE
    t text;
    own text := $q$clinic_id = nullif(current_setting('answerable.clinic', true), '')::uuid$q$;
BEGIN
    FOREACH t IN ARRAY ARRAY['rest_week', 'handback_week'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY one_clinic ON %I TO answerable_clinic USING (%s) WITH CHECK (%s)', t, own, own);
        EXECUTE format('CREATE POLICY whole_place ON %I TO answerable_instance USING (true) WITH CHECK (true)', t);
    END LOOP;
END $$;
