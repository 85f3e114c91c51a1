"""What training sends to a running installation: seeds, replayed and simulated events, keys."""
