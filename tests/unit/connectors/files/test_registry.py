from andon.connectors.files.registry import FORMATS, format_named, format_table, formats_of
from andon.connectors.source import Signal


def test_every_signal_has_formats_and_names_are_unique_within_it():
    for signal in set(Signal) - {Signal.ALERTS}:
        names = formats_of(signal)
        assert names
        assert len(set(names)) == len(names)
        assert all(format_named(signal, name).signal is signal for name in names)


def test_the_table_lists_every_format():
    table = format_table()
    assert all(f"| {f.signal.value} | `{f.name}` |" in table for f in FORMATS)
