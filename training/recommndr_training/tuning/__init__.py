"""Settings of the retrievers that suit this shop, chosen on its tuning cut."""
