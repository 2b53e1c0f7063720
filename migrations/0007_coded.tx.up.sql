-- What of the panel's work lies in the clear: codes that are counted, findings that may be read, and the panel's own rules.

-- Codes of a message whose writer said at least "count me" and that two coders agree on. They are counted in figure_count, in
-- the month counted_in; a message that goes takes them out of the counts first, as far as no release holds that month.
CREATE TABLE coded (
    leaf_hash bytea PRIMARY KEY REFERENCES submission (leaf_hash) ON DELETE CASCADE,
    facts text NOT NULL CHECK (octet_length(facts) <= 65536),
    author_id text NOT NULL REFERENCES reviewer (id),
    signature bytea NOT NULL CHECK (octet_length(signature) = 64),
    counted_in date NOT NULL CHECK (extract(day FROM counted_in) = 1)
);

-- What of a message may be read outside the panel, in which words. Taken back, it keeps no words and no themes, only which
-- decision it came from: the same decision cannot bring it back.
CREATE TABLE finding (
    id uuid PRIMARY KEY,
    leaf_hash bytea NOT NULL REFERENCES submission (leaf_hash) ON DELETE CASCADE,
    form text NOT NULL CHECK (form IN ('theme', 'paraphrase', 'quote', 'public')),
    words text NOT NULL CHECK (octet_length(words) <= 16384),
    themes text[] NOT NULL,
    sharing bytea NOT NULL UNIQUE CHECK (octet_length(sharing) = 32),
    author_id text NOT NULL REFERENCES reviewer (id),
    signature bytea NOT NULL CHECK (octet_length(signature) = 64),
    found_on date NOT NULL,
    retracted_on date,
    CHECK (retracted_on IS NULL OR words = '' AND themes = '{}')
);

-- Of two who post a finding at once, one does.
CREATE UNIQUE INDEX finding_stands ON finding (leaf_hash) WHERE retracted_on IS NULL;

-- How a panel works: its deadlines, days and caps. A row is never changed, only followed by another.
CREATE TABLE practice (
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    version integer NOT NULL CHECK (version > 0),
    taken integer NOT NULL,
    coded integer NOT NULL,
    decided integer NOT NULL,
    working_days integer[] NOT NULL,
    holidays text[] NOT NULL,
    sitting integer NOT NULL,
    serious integer NOT NULL,
    week integer NOT NULL,
    gap integer NOT NULL,
    hard boolean NOT NULL,
    author_id text NOT NULL REFERENCES reviewer (id),
    set_on date NOT NULL,
    PRIMARY KEY (clinic_id, version)
);

GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON coded, finding, practice TO answerable_instance;
GRANT SELECT, INSERT, DELETE ON coded TO answerable_clinic;
GRANT SELECT, INSERT, UPDATE ON finding TO answerable_clinic;
GRANT SELECT, INSERT ON practice TO answerable_clinic;

DO $$
DECLARE
    t text;
    own text;
BEGIN
    FOREACH t IN ARRAY ARRAY['coded', 'finding', 'practice'] LOOP
        own := CASE t
            WHEN 'practice' THEN $q$clinic_id = nullif(current_setting('answerable.clinic', true), '')::uuid$q$
            ELSE format('EXISTS (SELECT FROM submission WHERE submission.leaf_hash = %I.leaf_hash)', t)
        END;
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY one_clinic ON %I TO answerable_clinic USING (%s) WITH CHECK (%s)', t, own, own);
        EXECUTE format('CREATE POLICY whole_place ON %I TO answerable_instance USING (true) WITH CHECK (true)', t);
    END LOOP;
END $$;
