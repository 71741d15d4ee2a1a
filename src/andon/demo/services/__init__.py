"""The HTTP services of the estate: auth, subscription, remote vehicle management, and the two BFFs.

`server` and `client` are what they share: routing, connection pools, timeouts and the spans, metrics and
logs of every call. What a service knows stands in its own module.
"""

__all__: list[str] = []
