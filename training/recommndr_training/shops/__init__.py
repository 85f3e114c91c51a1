"""From a shop's files to a shop of this installation: what columns mean, settings, the steps to a registered version."""
