-- The roles stay: other databases of the same server may use them.
DROP FUNCTION commitments_in_use;
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY[
        'clinic', 'service', 'support_line', 'panel_member', 'panel_manifest', 'panel_manifest_signature', 'epoch', 'wrap',
        'epoch_ack', 'pending', 'submission', 'delivery', 'decision', 'decision_signature', 'opening', 'opening_answer'
    ] LOOP
        EXECUTE format('DROP POLICY whole_place ON %I', t);
        EXECUTE format('DROP POLICY one_clinic ON %I', t);
        EXECUTE format('ALTER TABLE %I NO FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I DISABLE ROW LEVEL SECURITY', t);
        EXECUTE format('REVOKE ALL ON %I FROM answerable_clinic', t);
    END LOOP;
END $$;
REVOKE ALL ON instance, reviewer, log_leaf, log_waiting FROM answerable_clinic;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM answerable_instance;
REVOKE USAGE ON SCHEMA public FROM answerable_clinic, answerable_instance;
