"""An MQTT broker as a source: what it retains, and what arrives while andon listens.

Reads Sparkplug B and plain JSON. A broker keeps no history, so an incident that is over is not to be had from it; what a
recorder keeps is decoded by the same `Decoder`. Subscribes only, publishes nothing: not even a request for rebirth.
"""

from andon.connectors.mqtt.config import JsonTopic, MqttConfig
from andon.connectors.mqtt.connector import MqttConnector
from andon.connectors.mqtt.decode import DecodedPoint, Decoder

__all__ = ["DecodedPoint", "Decoder", "JsonTopic", "MqttConfig", "MqttConnector"]
