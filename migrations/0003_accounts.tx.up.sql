-- Who keeps the house, what a reviewer leaves here to sign in with, and what they see of their own sign-ins.

-- Stewards run the instance: they invite and set up. That gives no seat on a panel and no key to anything sealed.
CREATE TABLE steward (
    reviewer_id text PRIMARY KEY REFERENCES reviewer (id),
    since date NOT NULL
);

-- An invitation without a clinic leads to the stewards.
ALTER TABLE panel_invitation RENAME TO invitation;
ALTER TABLE invitation ALTER COLUMN clinic_id DROP NOT NULL;

-- A reviewer's identity, locked to a passkey of theirs. Whoever has this row alone has nothing.
CREATE TABLE passkey_file (
    credential_id bytea PRIMARY KEY CHECK (octet_length(credential_id) BETWEEN 16 AND 1023),
    reviewer_id text NOT NULL REFERENCES reviewer (id),
    name text NOT NULL CHECK (length(name) <= 60),
    file bytea NOT NULL CHECK (octet_length(file) <= 4096),
    added_on date NOT NULL
);

-- A reviewer sees where they are signed in: the day, and the name they gave the device, if any.
ALTER TABLE session
    ADD COLUMN device text NOT NULL DEFAULT '' CHECK (length(device) <= 60),
    ADD COLUMN signed_in_on date NOT NULL DEFAULT CURRENT_DATE;
ALTER TABLE session ALTER COLUMN device DROP DEFAULT, ALTER COLUMN signed_in_on DROP DEFAULT;
