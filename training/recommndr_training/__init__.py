"""From events to a registered bundle and seeds: one module per DVC stage; the packages follow the data."""
