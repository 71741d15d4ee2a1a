from andon.demo.plant.alarms import Alarms, Limit
from andon.demo.plant.instruments import Reading

LOW = Limit("FT-105", "flow.rate", 10.0, False, "FT-105", "low flow alarm")


def run(values: list[float], limit: Limit = LOW) -> list[str]:
    alarms = Alarms([limit])
    return [
        alarm.text
        for value in values
        for alarm in alarms.check([Reading(limit.tag, limit.metric, "m3/h", value)])
    ]


def test_an_alarm_is_raised_once_after_its_delay():
    assert run([12, 9.5, 9.4, 9.3, 9.2]) == ["FT-105 low flow alarm: 9.40 m3/h, limit 10"]


def test_a_single_reading_raises_none():
    assert run([12, 9.5, 12, 9.5, 12]) == []


def test_it_returns_to_normal_behind_the_dead_band():
    assert run([9.0, 9.0, 10.1, 10.2, 10.4])[1:] == ["FT-105 low flow alarm returned to normal"]
    assert len(run([9.0, 9.0, 10.1, 10.2])) == 1


def test_a_high_limit_alarms_above():
    high = Limit("P-101", "vibration.velocity", 4.5, True, "VT-101", "high vibration alarm")
    assert run([4.0, 5.0, 5.0], high) == ["VT-101 high vibration alarm: 5.00 m3/h, limit 4.5"]
