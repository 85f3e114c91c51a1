"""What ships: fitted again up to now, bundled, registered, and the state that shops start from."""
