"""`recommndr <command>`: one file per command; `recommndr_training.cli` lists them."""
