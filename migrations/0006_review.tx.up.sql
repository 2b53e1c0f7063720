-- The panel's work on messages. All of it hangs on a message and goes with it, when its writer takes it back or its epoch
-- is shredded. Who works on what lies in the clear; what they write does not.

-- What reviewers write: sealed to the epoch (a draft to its author), signed, all of one size. A message's cards, codings,
-- notes and decisions look alike.
CREATE TABLE review_file (
    leaf_hash bytea NOT NULL REFERENCES submission (leaf_hash) ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('card', 'coding', 'consensus', 'note', 'check', 'sharing', 'draft')),
    author_id text NOT NULL REFERENCES reviewer (id),
    n integer NOT NULL CHECK (n BETWEEN 0 AND 99),
    file bytea NOT NULL CHECK (octet_length(file) = 18043),
    file_hash bytea NOT NULL UNIQUE CHECK (octet_length(file_hash) = 32),
    signature bytea NOT NULL CHECK (octet_length(signature) = 64),
    written_on date NOT NULL,
    PRIMARY KEY (leaf_hash, kind, author_id, n)
);

-- Who reads a message, as what. Handing it back deletes the row: no reason, no record.
CREATE TABLE claim (
    leaf_hash bytea NOT NULL REFERENCES submission (leaf_hash) ON DELETE CASCADE,
    reviewer_id text NOT NULL REFERENCES reviewer (id),
    role text NOT NULL CHECK (role IN ('coder', 'third', 'checker')),
    claimed_on date NOT NULL,
    PRIMARY KEY (leaf_hash, reviewer_id)
);

-- Who stepped back from a message. No reason, and no day. The signature is the reviewer's own: nobody can step back for them.
CREATE TABLE recusal (
    leaf_hash bytea NOT NULL REFERENCES submission (leaf_hash) ON DELETE CASCADE,
    reviewer_id text NOT NULL REFERENCES reviewer (id),
    signature bytea NOT NULL CHECK (octet_length(signature) = 64),
    PRIMARY KEY (leaf_hash, reviewer_id)
);

-- Acts that stand in the log. A tag names no message here either, so nothing ties the row to one.
CREATE TABLE act (
    tag bytea PRIMARY KEY CHECK (octet_length(tag) = 32),
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    code text NOT NULL,
    acted_on date NOT NULL,
    action_leaf bytea NOT NULL UNIQUE CHECK (octet_length(action_leaf) = 32)
);

GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON review_file, claim, recusal, act TO answerable_instance;
GRANT SELECT, INSERT, UPDATE, DELETE ON review_file, claim TO answerable_clinic;
GRANT SELECT, INSERT ON recusal, act TO answerable_clinic;

DO $$
DECLARE
    t text;
    own text;
BEGIN
    FOREACH t IN ARRAY ARRAY['review_file', 'claim', 'recusal', 'act'] LOOP
        own := CASE t
            WHEN 'act' THEN $q$clinic_id = nullif(current_setting('answerable.clinic', true), '')::uuid$q$
            ELSE format('EXISTS (SELECT FROM submission WHERE submission.leaf_hash = %I.leaf_hash)', t)
        END;
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY one_clinic ON %I TO answerable_clinic USING (%s) WITH CHECK (%s)', t, own, own);
        EXECUTE format('CREATE POLICY whole_place ON %I TO answerable_instance USING (true) WITH CHECK (true)', t);
    END LOOP;
END $$;
