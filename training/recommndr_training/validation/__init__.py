"""What must hold of data before it is trained on: one file per suite of Great Expectations."""
