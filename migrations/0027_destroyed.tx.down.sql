CREATE OR REPLACE FUNCTION commitments_in_use(anchor bytea, withdraw bytea, OUT anchor_used boolean, OUT withdraw_used boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    BEGIN ATOMIC
        SELECT EXISTS (SELECT FROM submission AS s WHERE s.anchor = commitments_in_use.anchor)
                   OR EXISTS (SELECT FROM withdrawal AS w WHERE w.anchor = commitments_in_use.anchor),
               EXISTS (SELECT FROM submission AS s WHERE s.withdraw = commitments_in_use.withdraw)
                   OR EXISTS (SELECT FROM withdrawal AS w WHERE w.withdraw = commitments_in_use.withdraw);
    END;

DROP TABLE destroyed;
