"""The dashboards as code: `python -m recommndr_monitoring.grafana` writes the files that Grafana is provisioned with."""
