"""The release record's keeper: store, Envoy routes, aliases."""
