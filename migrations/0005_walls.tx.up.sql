-- A second wall between clinics. Work for one clinic runs as answerable_clinic, which sees no row of another, whatever a
-- query forgets to say; work for the whole place (batches, setting up) runs as answerable_instance, which sees all.

DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['answerable_clinic', 'answerable_instance'] LOOP
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            END IF;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL; -- another database of this server was migrated just now
        END;
    END LOOP;
    -- Whoever runs the server works as answerable_instance without asking, and steps into answerable_clinic.
    IF NOT pg_has_role(current_user, 'answerable_instance', 'USAGE') THEN
        EXECUTE format('GRANT answerable_instance TO %I', current_user);
    END IF;
    BEGIN
        PERFORM set_config('role', 'answerable_clinic', true);
        PERFORM set_config('role', 'none', true);
    EXCEPTION
        WHEN insufficient_privilege THEN EXECUTE format('GRANT answerable_clinic TO %I', current_user);
    END;
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'the roles answerable_clinic and answerable_instance are not there for %, who may not make them. '
            'As an administrator of the database run: CREATE ROLE answerable_clinic NOLOGIN; CREATE ROLE answerable_instance NOLOGIN; '
            'GRANT answerable_clinic, answerable_instance TO %;', current_user, quote_ident(current_user);
END $$;

GRANT USAGE ON SCHEMA public TO answerable_clinic, answerable_instance;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA public TO answerable_instance;
GRANT SELECT ON instance, reviewer TO answerable_clinic;
GRANT SELECT, UPDATE ON clinic TO answerable_clinic;
GRANT SELECT, INSERT, UPDATE, DELETE ON
    service, support_line, panel_member, panel_manifest, panel_manifest_signature, epoch, wrap, epoch_ack,
    pending, submission, delivery, decision, decision_signature, opening, opening_answer
    TO answerable_clinic;
-- The log is public, and one for all clinics.
GRANT SELECT, INSERT ON log_leaf, log_waiting TO answerable_clinic;

DO $$
DECLARE
    t text;
    own text;
BEGIN
    FOR t, own IN
        SELECT name, rule FROM (VALUES
            ('clinic', $q$id = here$q$),
            ('service', $q$clinic_id = here$q$),
            ('support_line', $q$clinic_id = here$q$),
            ('panel_member', $q$clinic_id = here$q$),
            ('panel_manifest', $q$clinic_id = here$q$),
            ('panel_manifest_signature', $q$clinic_id = here$q$),
            ('epoch', $q$clinic_id = here$q$),
            ('pending', $q$clinic_id = here$q$),
            ('submission', $q$clinic_id = here$q$),
            ('decision', $q$clinic_id = here$q$),
            ('opening', $q$clinic_id = here$q$),
            -- These name their clinic by what they belong to, whose own rule holds inside the question.
            ('wrap', $q$EXISTS (SELECT FROM epoch WHERE epoch.id = epoch_id)$q$),
            ('epoch_ack', $q$EXISTS (SELECT FROM epoch WHERE epoch.id = epoch_id)$q$),
            ('delivery', $q$EXISTS (SELECT FROM submission WHERE submission.leaf_hash = delivery.leaf_hash)$q$),
            ('decision_signature', $q$EXISTS (SELECT FROM decision WHERE decision.id = decision_id)$q$),
            ('opening_answer', $q$EXISTS (SELECT FROM opening WHERE opening.id = opening_id)$q$)
        ) AS rules (name, rule)
    LOOP
        own := replace(own, 'here', 'nullif(current_setting(''answerable.clinic'', true), '''')::uuid');
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY one_clinic ON %I TO answerable_clinic USING (%s) WITH CHECK (%s)', t, own, own);
        EXECUTE format('CREATE POLICY whole_place ON %I TO answerable_instance USING (true) WITH CHECK (true)', t);
    END LOOP;
END $$;

-- Commitments are unique in the whole place. This tells a clinic that one is taken elsewhere, and nothing else.
CREATE FUNCTION commitments_in_use(anchor bytea, withdraw bytea, OUT anchor_used boolean, OUT withdraw_used boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    BEGIN ATOMIC
        SELECT EXISTS (SELECT FROM submission AS s WHERE s.anchor = commitments_in_use.anchor),
               EXISTS (SELECT FROM submission AS s WHERE s.withdraw = commitments_in_use.withdraw);
    END;
REVOKE EXECUTE ON FUNCTION commitments_in_use FROM PUBLIC;
GRANT EXECUTE ON FUNCTION commitments_in_use TO answerable_clinic, answerable_instance;
