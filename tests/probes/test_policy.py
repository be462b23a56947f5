"""Which addresses are probed."""

import asyncio
import ipaddress

import pytest

from meshcore.lib.errors import DeniedError
from meshcore.probes import grpc, h2ping, http, tcp, udp
from meshcore.probes.policy import Policy, require_allowed

ONLY_TEN = (ipaddress.ip_network("10.0.0.0/8"),)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "fd00:ec2::254",
        "100.100.100.200",
        "fe80::1%eth0",
        "::ffff:169.254.169.254",
        pytest.param("64:ff9b::a9fe:a9fe", id="through NAT64"),
        pytest.param("2002:a9fe:a9fe::1", id="through 6to4"),
        "224.0.0.1",
    ],
)
def test_some_addresses_are_never_probed(address: str) -> None:
    with pytest.raises(DeniedError, match="which is not probed"):
        require_allowed(address)


def test_allowed_networks_leave_out_all_others() -> None:
    require_allowed("192.0.2.1")
    require_allowed("10.1.2.3", ONLY_TEN)
    require_allowed("::ffff:10.1.2.3", ONLY_TEN)
    with pytest.raises(DeniedError, match="is in none of check_allowed_networks"):
        require_allowed("192.0.2.1", ONLY_TEN)


def test_every_probe_keeps_to_the_policy() -> None:
    async def scenario() -> list[str]:
        policy, target = Policy(allowed_networks=ONLY_TEN), "localhost:1"
        outcomes = [
            await http.probe(f"http://{target}/", timeout_s=5, policy=policy),
            await tcp.probe(target, timeout_s=5, policy=policy),
            await udp.probe(target, timeout_s=5, policy=policy),
            await grpc.probe(target, timeout_s=5, policy=policy),
            await h2ping.probe(target, timeout_s=5, policy=policy),
        ]
        return [outcome.output for outcome in outcomes]

    outputs = asyncio.run(scenario())
    assert all("is in none of check_allowed_networks" in output for output in outputs), outputs
