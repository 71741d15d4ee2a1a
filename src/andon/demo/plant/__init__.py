"""The plant of the demo estate: a small coolant loop with a pump, a control valve and a flow controller.

Tank, suction strainer, pump, filter, control valve, flow transmitter, test bench, and back to the tank: a
simulation in real time by difference equations, its instruments with noise, a controller with alarms, and an
edge gateway that sends OTLP. The rig is small and quick: what takes hours in a plant takes seconds here.
"""

__all__: list[str] = []
