"""Data that change while a slot runs: item tables from the topics, shoppers' rows, the log of answers."""
