"""Structurizr workspaces, DSL or JSON, as a topology.

Knows the language's model part: elements, relationships, groups, archetypes, deployments, includes
and extension. Skips views, styles and documents; runs no script and fetches no URL unless told to.
The language: https://docs.structurizr.com/dsl/language
"""

from andon.connectors.structurizr.loader import Workspace, load_workspace, parse_dsl, parse_json

__all__ = ["Workspace", "load_workspace", "parse_dsl", "parse_json"]
