"""How far what one arm of a release is served is from what the other is: pure, for the exporter and for reports."""
