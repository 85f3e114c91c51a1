"""The pure request path of one bundle: arrays in, arrays out. Serving answers with it, training evaluates with it."""
