"""InfluxDB over InfluxQL: version 1, and the compatible `/query` of later ones.

`influxql` writes the statements, `api` sends them and reads the tables that come back, `connector` plans which
measurements are asked for and makes metric series of the answers.
"""

from andon.connectors.influxdb.connector import InfluxDbConfig, InfluxDbConnector, InfluxDbScope

__all__ = ["InfluxDbConfig", "InfluxDbConnector", "InfluxDbScope"]
