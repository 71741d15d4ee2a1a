"""The demo estate: a small connected-car system, and a plant, that really run and really break.

Apps, backends, services, a database, an MQTT broker, cars and a coolant loop are processes on loopback that
call each other, send OpenTelemetry and are changed through a control plane with a CloudTrail. `run_fault` draws
a fault among harmless changes and records an incident bundle; `Estate` is the system alone. Needs the `demo`
extra. This room knows nothing of investigations: it is told no answer and gives none but the truth file.
"""

from andon.demo.estate import Estate
from andon.demo.faults import FAULTS, Fault
from andon.demo.recording import Answer, Progress, Recording, Truth, run_fault

__all__ = ["FAULTS", "Answer", "Estate", "Fault", "Progress", "Recording", "Truth", "run_fault"]
