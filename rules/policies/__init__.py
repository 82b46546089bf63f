"""A firm's policy: its thresholds, what each of them means, and which rules they switch on."""
