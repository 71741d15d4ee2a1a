"""Faults of the certificates that services prove themselves with."""

from __future__ import annotations

import random

from andon.demo.certificates import EXPIRED
from andon.demo.cloudtrail import Identity
from andon.demo.faults.change import Call, Change, Happening
from andon.demo.faults.fault import Culprit, Fault, Scenario
from andon.demo.faults.paths import REACH
from andon.demo.inventory import CERTIFICATES, SERVICES

__all__ = ["FAULTS"]

_SYMPTOMS = {
    "auth-service": "Customers of both apps are thrown out and cannot log in again.",
    "subscription-service": "Cars cannot be locked, unlocked or heated with either app; their status is shown.",
    "remote-vehicle-management-api": "Customers log in to the apps as ever, but do not reach their cars.",
}


def _certificate_expired(draw: random.Random, onset: float) -> Scenario:
    """Its renewal did not come in time, or somebody put the certificate of last year in the place."""
    service = draw.choice(list(CERTIFICATES))
    component = REACH[service].component
    if draw.random() < 0.5:
        change = Change(onset, component, happenings=(Happening(service, EXPIRED, 1.0),))
    else:
        change = Change(onset, component, (_import(service, draw),))
    other = draw.choice([name for name in CERTIFICATES if name != service])
    renewal = Change(max(onset - draw.uniform(3, 15), 1.0), REACH[other].component, (_renewal(other),))
    return Scenario(
        _SYMPTOMS[service],
        (Culprit(change, ("certificate-expired",), REACH[service].path),),
        spared=frozenset({service, "certificate"}),
        decoys=(renewal,),
    )


def _import(service: str, draw: random.Random) -> Call:
    account = SERVICES[service].account_id
    who = Identity("PlatformEngineer", f"pki-{draw.randint(10, 99)}", account, "198.51.100.61")
    parameters = {"certificateArn": CERTIFICATES[service], "certificate": "HIDDEN_DUE_TO_SECURITY_REASONS"}
    return Call(who, account, "acm", "ImportCertificate", parameters)


def _renewal(service: str) -> Call:
    account = SERVICES[service].account_id
    who = Identity("CertificateManager", "renewal", account, "acm.amazonaws.com", "acm.amazonaws.com")
    return Call(who, account, "acm", "RenewCertificate", {"certificateArn": CERTIFICATES[service]})


FAULTS = (Fault("certificate-expired", "Services do not trust each other", _certificate_expired),)
