"""The one background loop of all services: it survives every error of a step, and its health check sees when it hangs."""
