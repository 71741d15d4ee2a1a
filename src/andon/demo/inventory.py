"""What the estate consists of: accounts, services, secrets and security groups.

`architecture.dsl` declares the same things for whoever investigates; a test keeps the two in step.
"""

from __future__ import annotations

from dataclasses import dataclass

from andon.demo.rules import Peer

__all__ = [
    "ACCOUNTS",
    "CERTIFICATES",
    "EQUIPMENT",
    "HOSTED_ZONE",
    "REGION",
    "SECRETS",
    "SECURITY_GROUPS",
    "SERVICES",
    "SIGNING_KEY",
    "SUBSCRIPTION_DB_CREDENTIAL",
    "USAGE_PLANS",
    "USUAL_RATE",
    "SecurityGroup",
    "Service",
]

REGION = "eu-central-1"

ACCOUNTS = {
    "connected-app-ios": "104758213690",
    "connected-app-android": "271830456127",
    "customer-platform": "339104872215",
    "connected-vehicle": "562093481107",
    "shared-network": "680412975531",
    "devices": "",
    "plant": "",
}
"""Account names to ids; phones, cars and the plant live in no account."""

EQUIPMENT = ("T-100", "S-102", "P-101", "F-103", "V-104", "FT-105", "FC-105", "TB-106")
"""Tags of the plant's equipment, each a `service.name` of its own in what the edge gateway sends."""

HOSTED_ZONE = "Z04817362KQ9VXW2T5ABC"
"""The private zone `connected-car.internal`, in which services find each other."""

SUBSCRIPTION_DB_CREDENTIAL = "subscriptions/db/subscription_app"
SIGNING_KEY = "identity/token-signing-key"
SECRETS = (SUBSCRIPTION_DB_CREDENTIAL, SIGNING_KEY)


CERTIFICATES = {
    service: f"arn:aws:acm:{REGION}:{account}:certificate/{identifier}"
    for service, account, identifier in (
        ("auth-service", ACCOUNTS["customer-platform"], "3b0a7c58-6f0e-4f0b-9a51-2d7c81b4e690"),
        ("subscription-service", ACCOUNTS["customer-platform"], "91d5e2f4-08c3-4b7a-8e6d-5f3a90c1b2d7"),
        (
            "remote-vehicle-management-api",
            ACCOUNTS["connected-vehicle"],
            "c64f19ab-7d2e-4e58-b0c9-e81a5372f6d4",
        ),
    )
}
"""Services that serve with TLS, and the certificate of each."""


USAGE_PLANS = {"mobile-bff-ios": "kq3v81", "mobile-bff-android": "w7d0zp"}
"""Clients of the remote vehicle management API, and the usage plan of each."""

USUAL_RATE = 50.0
"""Requests a second that a usage plan allows at first."""


@dataclass(frozen=True, slots=True)
class Service:
    """One process: its `service.name`, account, first version, module and the stage in which it starts."""

    name: str
    account: str
    version: str
    module: str
    stage: int

    @property
    def account_id(self) -> str:
        return ACCOUNTS[self.account]


@dataclass(frozen=True, slots=True)
class SecurityGroup:
    """Guards one network path: traffic of `source` to `destination` passes only by a matching ingress rule."""

    id: str
    name: str
    account: str
    source: str
    destination: str
    peer: Peer
    port: int

    @property
    def listener(self) -> str:
        return f"{self.source}>{self.destination}"


SERVICES = {
    service.name: service
    for service in (
        Service("telemetry-receiver", "shared-network", "1.0.0", "andon.demo.receiver", 0),
        Service("control-plane", "shared-network", "1.0.0", "andon.demo.control_plane", 0),
        Service("network-gateway", "shared-network", "2.3.1", "andon.demo.gateway", 1),
        Service("mqtt-broker", "connected-vehicle", "4.1.0", "andon.demo.broker", 1),
        Service("mobile-carrier", "devices", "2026.4", "andon.demo.carrier", 1),
        Service("subscription-db", "customer-platform", "16.4.0", "andon.demo.database", 1),
        Service("auth-service", "customer-platform", "2.7.4", "andon.demo.services.auth", 2),
        Service("subscription-service", "customer-platform", "5.2.1", "andon.demo.services.subscription", 2),
        Service("remote-vehicle-management-api", "connected-vehicle", "3.8.2", "andon.demo.services.rvm", 2),
        Service("mobile-bff-ios", "connected-app-ios", "7.14.0", "andon.demo.services.bff", 2),
        Service("mobile-bff-android", "connected-app-android", "7.14.0", "andon.demo.services.bff", 2),
        Service("car-fleet", "devices", "24.7.0", "andon.demo.fleet", 2),
        Service("pump-rig", "plant", "4.2.0", "andon.demo.plant.rig", 2),
        Service("ios-app", "devices", "9.3.1", "andon.demo.apps", 3),
        Service("android-app", "devices", "9.3.0", "andon.demo.apps", 3),
    )
}

_IOS = Peer("sg-0a61c2f87be4d9301", ACCOUNTS["connected-app-ios"])
_ANDROID = Peer("sg-0b83d4017ac5e6f12", ACCOUNTS["connected-app-android"])
_RVM = Peer("sg-0c57e90b13f2a8d46", ACCOUNTS["connected-vehicle"])
_PARTNER = Peer("sg-0d19f6a42cb87e053", ACCOUNTS["shared-network"])

_RVM_API, _AUTH = "remote-vehicle-management-api", "auth-service"
SECURITY_GROUPS = tuple(
    SecurityGroup(*row)
    for row in (
        (
            "sg-07e1f3c95ab2d4086",
            "rvm-api-from-ios",
            "connected-vehicle",
            "mobile-bff-ios",
            _RVM_API,
            _IOS,
            8443,
        ),
        (
            "sg-08f2a4d06bc3e5197",
            "rvm-api-from-android",
            "connected-vehicle",
            "mobile-bff-android",
            _RVM_API,
            _ANDROID,
            8443,
        ),
        (
            "sg-0913b5e17cd4f62a8",
            "rvm-api-from-partners",
            "connected-vehicle",
            "partner-portal",
            _RVM_API,
            _PARTNER,
            8443,
        ),
        ("sg-0a24c6f28de5073b9", "auth-from-ios", "customer-platform", "mobile-bff-ios", _AUTH, _IOS, 9443),
        (
            "sg-0b35d7039ef6184ca",
            "auth-from-android",
            "customer-platform",
            "mobile-bff-android",
            _AUTH,
            _ANDROID,
            9443,
        ),
        (
            "sg-0c46e814af07295db",
            "subscriptions-from-rvm",
            "customer-platform",
            _RVM_API,
            "subscription-service",
            _RVM,
            7443,
        ),
    )
)
