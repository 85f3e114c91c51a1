"""The background loop of all services: it survives every error of a step, and the health check reports when it hangs."""
