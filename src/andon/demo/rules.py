"""Ingress rules of security groups, with the semantics and the error codes of the EC2 API.

A security group permits what a rule names and drops everything else; there are no deny rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Peer", "Rule", "RuleError", "RuleTable"]


class RuleError(Exception):
    """A refused change; `code` is the error code of EC2."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Peer:
    """Where traffic may come from: a security group (`sg-…`) of an account, or a CIDR block with no account."""

    source: str
    account: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """Permits a protocol on a closed range of ports from one peer."""

    protocol: str
    from_port: int
    to_port: int
    peer: Peer

    def permits(self, peer: Peer, port: int) -> bool:
        return self.protocol in ("tcp", "-1") and self.peer == peer and self.from_port <= port <= self.to_port

    def permission(self) -> dict[str, Any]:
        """The rule as an item of `ipPermissions` in a request."""
        groups = [{"groupId": self.peer.source, "userId": self.peer.account}] if self.peer.account else []
        ranges = [] if self.peer.account else [{"cidrIp": self.peer.source}]
        return {
            "ipProtocol": self.protocol,
            "fromPort": self.from_port,
            "toPort": self.to_port,
            "groups": {"items": groups} if groups else {},
            "ipRanges": {"items": ranges} if ranges else {},
            "ipv6Ranges": {},
            "prefixListIds": {},
        }

    @classmethod
    def of_permission(cls, permission: Mapping[str, Any]) -> tuple[Rule, ...]:
        """One rule for each peer that the item names."""
        peers = [Peer(g["groupId"], g["userId"]) for g in permission.get("groups", {}).get("items", ())]
        peers += [Peer(r["cidrIp"]) for r in permission.get("ipRanges", {}).get("items", ())]
        low, high = int(permission["fromPort"]), int(permission["toPort"])
        return tuple(cls(str(permission["ipProtocol"]), low, high, peer) for peer in peers)


class RuleTable:
    """The rules of every security group. Not thread-safe: its owner serialises changes."""

    def __init__(self) -> None:
        self._rules: dict[str, list[Rule]] = {}

    def rules(self, group: str) -> tuple[Rule, ...]:
        """The rules of a group. Raises RuleError when there is no such group."""
        if group not in self._rules:
            raise RuleError("InvalidGroup.NotFound", f"The security group '{group}' does not exist")
        return tuple(self._rules[group])

    def create(self, group: str, *rules: Rule) -> None:
        self._rules[group] = list(rules)

    def authorize(self, group: str, rule: Rule) -> None:
        """Adds a rule. Raises RuleError when the group is unknown or has the rule already."""
        if rule in self.rules(group):
            raise RuleError("InvalidPermission.Duplicate", "the specified rule already exists")
        self._rules[group].append(rule)

    def revoke(self, group: str, rule: Rule) -> None:
        """Removes a rule. Raises RuleError when the group or the rule is unknown."""
        if rule not in self.rules(group):
            raise RuleError(
                "InvalidPermission.NotFound", "The specified rule does not exist in this security group."
            )
        self._rules[group].remove(rule)

    def permits(self, group: str, peer: Peer, port: int) -> bool:
        return any(rule.permits(peer, port) for rule in self.rules(group))
