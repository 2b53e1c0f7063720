DROP TABLE decoy_day, log_checkpoint, log_node;
