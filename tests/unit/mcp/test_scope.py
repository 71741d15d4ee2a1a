from __future__ import annotations

from pathlib import Path

import pytest

from andon.config import NamedSource, Settings
from andon.errors import ConfigError, UsageError
from andon.mcp.scope import Scope


def settings(folder: Path) -> Settings:
    named = {name: NamedSource(name, "prometheus", {}, folder, "andon.yaml") for name in ("shop", "pay")}
    return Settings(folder, folder / "andon.yaml", named)


def test_without_a_word_all_of_andon_yaml(tmp_path: Path):
    scope = Scope.of(settings(tmp_path))
    assert scope.chosen([]) == ["shop", "pay"]
    assert scope.chosen(["pay"]) == ["pay"]
    assert not scope.stated


def test_a_stated_path_is_known_by_its_name_and_by_itself(tmp_path: Path):
    (tmp_path / "case").mkdir()
    scope = Scope.of(settings(tmp_path), [str(tmp_path / "case")])
    place = str((tmp_path / "case").resolve())
    assert scope.chosen([]) == scope.chosen(["case"]) == scope.chosen([place, "case"]) == [place]
    assert scope.holds([place])
    assert scope.stated


def test_two_paths_of_one_name_are_both_offered(tmp_path: Path):
    for one in ("a", "b"):
        (tmp_path / one / "case").mkdir(parents=True)
    scope = Scope.of(settings(tmp_path), [str(tmp_path / one / "case") for one in ("a", "b")])
    assert len(scope.chosen([])) == 2


@pytest.mark.parametrize("name", ["pay", "/etc", ".", "../case", "", "~", "case/../../x"])
def test_nothing_else_is_looked_at(tmp_path: Path, name: str):
    scope = Scope.of(settings(tmp_path), ["shop"])
    with pytest.raises(UsageError, match="not among the sources") as caught:
        scope.chosen([name])
    assert "shop" in caught.value.hint
    assert not scope.holds(["shop", name])


def test_no_source_at_all(tmp_path: Path):
    with pytest.raises(UsageError, match="nothing to look at"):
        Scope.of(Settings(tmp_path, tmp_path / "andon.yaml")).chosen([])


def test_a_source_that_does_not_exist_is_told_at_the_start(tmp_path: Path):
    with pytest.raises(ConfigError, match="neither a folder"):
        Scope.of(settings(tmp_path), ["shpo"])
