"""The ranker: learnt on rolling cuts, its variant and size chosen on the tuning cut."""
