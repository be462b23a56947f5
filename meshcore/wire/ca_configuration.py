"""The certificate authority's configuration as Consul writes it, the private key left out."""

from datetime import timedelta
from typing import Any

import msgspec

from meshcore.certificates.types import Root, Trust
from meshcore.certificates.view import Certificates
from meshcore.lib.durations import render
from meshcore.wire.decoding import DurationIn, decode, seconds
from meshcore.wire.errors import Refusal
from meshcore.wire.names import In

PROVIDER = "consul"
MADE_HERE = ("ec", "256")
WHAT = "Request decode"


class ProviderIn(In, frozen=True, kw_only=True):
    """What is of no use here is taken and left: the limits of requests, and what Vault needs.

    Terraform writes numbers as text where they are not given to it as JSON.
    """

    leaf_cert_ttl: DurationIn = None
    root_cert_ttl: DurationIn = None
    intermediate_cert_ttl: DurationIn = None
    root_cert: str | None = None
    private_key: str | None = None
    private_key_type: str | None = None
    private_key_bits: int | str | None = None
    csr_max_per_second: float | str | None = None
    csr_max_concurrent: float | str | None = None

    def __repr__(self) -> str:
        return "ProviderIn(***)"


class CaConfigurationIn(In, frozen=True, kw_only=True):
    provider: str = ""
    config: msgspec.Raw = msgspec.Raw(b"{}")
    state: dict[str, Any] | None = None
    force_without_cross_signing: bool = False
    create_index: int = 0
    modify_index: int = 0


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """`leaf` and `root` are lifetimes; None where nothing is said of them."""

    leaf: timedelta | None
    root: timedelta | None
    root_cert: str
    private_key: str
    is_voucher_needed: bool

    def __repr__(self) -> str:
        return "Asked(***)"


def read(body: bytes) -> Asked:
    given = decode(body, CaConfigurationIn, what=WHAT)
    if given.provider != PROVIDER:
        raise Refusal(
            400,
            f'CA provider "{given.provider}" is not supported: "{PROVIDER}" is the only one.'
            " An authority of Vault or AWS can give an intermediate: RootCert and PrivateKey",
        )
    config = decode(bytes(given.config), ProviderIn, what=WHAT)
    kind = (config.private_key_type or MADE_HERE[0], f"{config.private_key_bits or MADE_HERE[1]}")
    if not config.private_key and kind != MADE_HERE:
        raise Refusal(400, "PrivateKeyType ec with 256 PrivateKeyBits is all that is made here")
    return Asked(
        leaf=_lifetime(config.leaf_cert_ttl, "LeafCertTTL"),
        root=_lifetime(config.root_cert_ttl, "RootCertTTL"),
        root_cert=config.root_cert or "",
        private_key=config.private_key or "",
        is_voucher_needed=not given.force_without_cross_signing,
    )


def configuration_out(certificates: Certificates) -> dict[str, Any]:
    record, active = certificates.trust, certificates.active_root()
    if record is None:
        raise Refusal(500, "CA is not initialized yet")
    config = _lifetimes(record.value)
    if active is not None:
        config |= {"PrivateKeyType": active.key_type, "PrivateKeyBits": active.key_bits}
        if active.is_given:
            config["RootCert"] = given_pem(active)
    return {
        "Provider": PROVIDER,
        "Config": config,
        "State": None,
        "ForceWithoutCrossSigning": False,
        "CreateIndex": record.create_index,
        "ModifyIndex": max(record.modify_index, _index_of(certificates, active)),
    }


def given_pem(root: Root) -> str:
    """As the operator gave it: what signs, and what leads from there up to the root."""
    return root.intermediates_pem + root.certificate_pem


def _lifetimes(trust: Trust) -> dict[str, Any]:
    lifetimes = trust.lifetimes
    return {
        "LeafCertTTL": _shortest(lifetimes.leaf),
        "RootCertTTL": _shortest(lifetimes.root),
        "IntermediateCertTTL": _shortest(lifetimes.root),
    }


def _index_of(certificates: Certificates, root: Root | None) -> int:
    record = certificates.roots.get(root.id) if root else None
    return record.modify_index if record else 0


def _lifetime(value: DurationIn, name: str) -> timedelta | None:
    return timedelta(seconds=seconds(value, what=name)) if value else None


def _shortest(duration: timedelta) -> str:
    """72h, as people write it, where Go's own rendering is 72h0m0s."""
    text = render(duration)
    for zero, unit in (("m0s", "m"), ("h0m", "h")):
        if text.endswith(zero):
            text = text.removesuffix(zero) + unit
    return text
