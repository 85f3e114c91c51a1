"""Functions that write common PromQL queries."""

# Label selectors from the variables of a dashboard.
TENANT = 'tenant=~"$tenant"'
SLOT = 'slot=~"$slot"'
TENANT_AND_SLOT = f"{TENANT}, {SLOT}"


def of(metric: str, where: str) -> str:
    """A metric's series with these labels.

    >>> of("up", 'slot="blue"')
    'up{slot="blue"}'
    """
    return f"{metric}{{{where}}}"


def rate(metric: str, by: str = "", where: str = "") -> str:
    """Rate of a counter per second over the panel's interval, summed by labels.

    >>> rate("answers_total", by="slot")
    'sum by (slot) (rate(answers_total[$__rate_interval]))'
    """
    selected = of(metric, where) if where else metric
    return f"sum {f'by ({by}) ' if by else ''}(rate({selected}[$__rate_interval]))"


def quantile(q: float, histogram: str, by: str = "", where: str = "") -> str:
    """A quantile of a histogram over the panel's own interval.

    >>> quantile(0.95, "wait_seconds")
    'histogram_quantile(0.95, sum by (le) (rate(wait_seconds_bucket[$__rate_interval])))'
    """
    return f"histogram_quantile({q}, {rate(f'{histogram}_bucket', by=f'{by}, le' if by else 'le', where=where)})"
