"""HTTP: routes, credentials, request models, answers, problems."""
