"""Binding: which telemetry belongs to which element of the architecture.

By a property that names the service, by identifier, by name, and last by the same words in another
spelling. Whatever no element claims becomes an element of its own, seen but not declared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from andon.analysis.signals import words
from andon.investigation.report import ServiceBinding
from andon.telemetry import Element, ElementKind, Topology

__all__ = ["bind", "find_element"]

_BINDABLE = (
    ElementKind.CONTAINER,
    ElementKind.SOFTWARE_SYSTEM,
    ElementKind.COMPONENT,
    ElementKind.CUSTOM,
    ElementKind.INFRASTRUCTURE_NODE,
)
_PORT = re.compile(r":\d+$")


def bind(topology: Topology, services: Iterable[str]) -> tuple[ServiceBinding, ...]:
    """One binding for each service; `element` is the service itself where no element claims it."""
    index = _index(topology)
    return tuple(_bind(service, index) for service in sorted(set(services)) if service)


def _bind(service: str, index: dict[str, dict[str, Element]]) -> ServiceBinding:
    plain = _PORT.sub("", service)
    for how, found in (
        ("property", index["property"].get(service) or index["property"].get(plain)),
        ("identifier", index["identifier"].get(plain.casefold())),
        ("name", index["name"].get(plain.casefold())),
        ("same words", index["words"].get(_spelling(plain))),
    ):
        if found is not None:
            return ServiceBinding(service, found.id, how)
    return ServiceBinding(service, service, "not declared")


def _index(topology: Topology) -> dict[str, dict[str, Element]]:
    """Elements by each way of naming them; the more specific kind and the first declared wins."""
    index: dict[str, dict[str, Element]] = {"property": {}, "identifier": {}, "name": {}, "words": {}}
    for kind in _BINDABLE:
        for element in topology.elements:
            if element.kind is not kind:
                continue
            for key, value in element.properties.items():
                if "service" in words(key) or "telemetry" in words(key):
                    index["property"].setdefault(value, element)
            index["identifier"].setdefault(element.id.casefold(), element)
            index["identifier"].setdefault(element.id.rsplit(".", 1)[-1].casefold(), element)
            index["name"].setdefault(element.name.casefold(), element)
            index["words"].setdefault(_spelling(element.name), element)
            index["words"].setdefault(_spelling(element.id), element)
    return index


def _spelling(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def find_element(topology: Topology, text: str) -> Element | None:
    """The element that a person means by an identifier, a name or another spelling of one."""
    for element in topology.elements:
        if text in (element.id, element.name):
            return element
    (binding,) = bind(topology, [text]) or (None,)
    return topology.by_id.get(binding.element) if binding else None
