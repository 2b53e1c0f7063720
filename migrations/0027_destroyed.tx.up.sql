-- The commitments of what was told stand in the public log for good. Whoever comes back after the key of an earlier message was
-- destroyed, without script, must not be given that message's place again: a second leaf with its anchor looks like an attempt to
-- hide the first. So they are kept when the file goes, in no order.
CREATE TABLE destroyed (
    anchor bytea PRIMARY KEY CHECK (octet_length(anchor) = 32),
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    withdraw bytea NOT NULL UNIQUE CHECK (octet_length(withdraw) = 32)
);

-- What was destroyed before. A submission's leaf names its epoch, and ends with its two commitments in base64.
INSERT INTO destroyed (anchor, clinic_id, withdraw)
SELECT DISTINCT ON (told.anchor) told.anchor, told.clinic_id, told.withdraw
FROM (
    SELECT decode(line[5], 'base64') AS anchor, epoch.clinic_id, decode(line[6], 'base64') AS withdraw
    FROM log_leaf
    CROSS JOIN LATERAL string_to_array(convert_from(leaf, 'UTF8'), E'\n') AS line
    JOIN epoch ON epoch.id = line[3] AND epoch.state = 'shredded'
    WHERE line[2] = 'submission'
) AS told
WHERE NOT EXISTS (SELECT FROM withdrawal WHERE withdrawal.anchor = told.anchor)
ORDER BY told.anchor
ON CONFLICT DO NOTHING;

GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON destroyed TO answerable_instance;
GRANT SELECT, INSERT ON destroyed TO answerable_clinic;
ALTER TABLE destroyed ENABLE ROW LEVEL SECURITY;
ALTER TABLE destroyed FORCE ROW LEVEL SECURITY;
CREATE POLICY one_clinic ON destroyed TO answerable_clinic
    USING (clinic_id = nullif(current_setting('answerable.clinic', true), '')::uuid)
    WITH CHECK (clinic_id = nullif(current_setting('answerable.clinic', true), '')::uuid);
CREATE POLICY whole_place ON destroyed TO answerable_instance USING (true) WITH CHECK (true);

CREATE OR REPLACE FUNCTION commitments_in_use(anchor bytea, withdraw bytea, OUT anchor_used boolean, OUT withdraw_used boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    BEGIN ATOMIC
        SELECT EXISTS (SELECT FROM submission AS s WHERE s.anchor = commitments_in_use.anchor)
                   OR EXISTS (SELECT FROM withdrawal AS w WHERE w.anchor = commitments_in_use.anchor)
                   OR EXISTS (SELECT FROM destroyed AS d WHERE d.anchor = commitments_in_use.anchor),
               EXISTS (SELECT FROM submission AS s WHERE s.withdraw = commitments_in_use.withdraw)
                   OR EXISTS (SELECT FROM withdrawal AS w WHERE w.withdraw = commitments_in_use.withdraw)
                   OR EXISTS (SELECT FROM destroyed AS d WHERE d.withdraw = commitments_in_use.withdraw);
    END;
