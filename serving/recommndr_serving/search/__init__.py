"""Search in a tenant's catalogue, and its categories, brands and prices to narrow it by."""
