"""Prometheus and whatever serves its HTTP API: VictoriaMetrics, Grafana Mimir, Thanos.

`catalogue` and `ownership` say what a metric is and whose, `queries` writes the PromQL, `survey` plans and sends it,
`answers` makes series of what comes back. Work is pushed down: counts arrive as increases summed by service and
outcome, timings as means and 99th percentiles; raw buckets and single instances never do.
"""

from andon.connectors.prometheus.config import PrometheusConfig
from andon.connectors.prometheus.connector import PrometheusConnector
from andon.connectors.prometheus.scope import PrometheusScope

__all__ = ["PrometheusConfig", "PrometheusConnector", "PrometheusScope"]
