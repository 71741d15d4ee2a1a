from __future__ import annotations

import stat

from andon.demo.settings import EstateSettings, free_ports


def test_settings_survive_their_file_and_only_their_owner_reads_it(tmp_path):
    settings = EstateSettings(str(tmp_path), 1, 2.5, 0.5, {"auth-service": 20001}, "root", {"key": "value"})
    settings.write(tmp_path / "settings.json")
    assert EstateSettings.read(tmp_path / "settings.json") == settings
    assert stat.S_IMODE((tmp_path / "settings.json").stat().st_mode) == 0o600


def test_secrets_do_not_show():
    settings = EstateSettings("folder", 1, 2.5, 0.5, {}, "hidden-root", {"key": "hidden-value"})
    assert "hidden" not in repr(settings)


def test_free_ports_are_different():
    assert len(set(free_ports(20))) == 20
