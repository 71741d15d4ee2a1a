"""An OPC UA server as a source: the history of variables, or their values now where it keeps none.

Reads nodes that the configuration names, or finds below a node that it names. Browses and reads; never writes, calls a
method or subscribes. Knows nothing of what a variable means but its name, its unit and the object that it belongs to.
"""

from andon.connectors.opcua.config import OpcUaConfig, OpcUaNode
from andon.connectors.opcua.connector import OpcUaConnector

__all__ = ["OpcUaConfig", "OpcUaConnector", "OpcUaNode"]
