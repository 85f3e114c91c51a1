"""Code that all HTTP services share: problems, credentials, limits of bodies, probes."""
