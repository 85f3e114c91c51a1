"""What parts without a metrics page of ours say of themselves, for Prometheus; and the dashboards, as code."""
