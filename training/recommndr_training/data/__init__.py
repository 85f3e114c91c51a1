"""From a shop's raw events to known lines in time order, checked and split at the gate cut."""
