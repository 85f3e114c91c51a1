"""One module per DVC stage, from events to a registered bundle and seeds."""
