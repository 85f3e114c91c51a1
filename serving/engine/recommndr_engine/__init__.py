"""The request path of one bundle, pure: arrays in, arrays out. Serving answers with it, training evaluates with it."""
