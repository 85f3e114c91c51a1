"""The dashboards, as code: `python -m recommndr_monitoring.grafana` writes what Grafana is provisioned with."""
