-- Takes the house down again: everything in it goes, sealed words included.
DROP TABLE session, sign_in_nonce, log_leaf, log_waiting, delivery, submission, pending, epoch_ack, wrap, epoch,
    panel_manifest_signature, panel_manifest, panel_invitation, panel_member, reviewer, support_line, service,
    clinic, instance;
