"""How far what the slots serve has moved: from one arm of a release to the other, and from what the bundle learnt from."""
