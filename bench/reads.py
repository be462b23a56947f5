"""Reads: answers a second by wrk, which compares each body, and the fan-out to blocking queries."""

import argparse
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.figures import Figure, Run
from bench.load import TOKEN, drive, request_bytes
from bench.options import main
from bench.servers import Server
from bench.watchers import fan_out, registration

RUNS = 5
SECONDS = 3
CONNECTIONS = 64
SERVICES, INSTANCES = 1000, 7
WATCHERS = (1000, 8000)
# Every answer's status and body is compared with the right one; what differs is counted.
CHECKING_LUA = """
local file = io.open(os.getenv("BENCH_RIGHT_BODY"), "rb")
local right = file:read("*a")
file:close()
wrong = 0
first = ""
local threads = {}
function setup(thread) table.insert(threads, thread) end
function response(status, headers, body)
  if status ~= 200 or body ~= right then
    wrong = wrong + 1
    if first == "" then first = status .. " " .. string.sub(body, 1, 100) end
  end
end
function done(summary, latency, requests)
  local all, example = 0, ""
  for _, thread in ipairs(threads) do
    all = all + thread:get("wrong")
    example = example .. thread:get("first")
  end
  local errors = summary.errors
  io.write(string.format("BENCH %d %d %d %d %d %d %d %s\\n",
    summary.requests, summary.duration, all,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99), latency.max, (example:gsub("%s+", " "))))
end
"""
WRK_LINE = re.compile(r"^BENCH (\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (.*)$", re.MULTILINE)


def measure(server: Server, options: argparse.Namespace) -> Iterator[Figure]:
    if shutil.which("wrk") is None:
        raise SystemExit("reads are measured with wrk, which is not on PATH: apt install wrk")
    seconds, runs = (1, 1) if options.quick else (SECONDS, RUNS)
    register(server, [instance("web", number) for number in range(5)])
    few = "health/service, 5 instances"
    if options.only in few:
        yield reads(server, few, "/v1/health/service/web", runs=runs, seconds=seconds)
    server.must("PUT", "/v1/catalog/register", registration("0"))
    for watchers in (100,) if options.quick else WATCHERS:
        name = f"blocking fan-out, last of {watchers:,} watchers"
        if options.only in name:
            found = fan_out(server, watchers=watchers, runs=runs)
            yield Figure(name=name, unit="ms", runs=tuple(found))
    services = SERVICES // 10 if options.quick else SERVICES
    many = f"catalog/services, {services:,} services of {INSTANCES} instances"
    if options.only in many:
        register(server, [instance(f"s{s}", i) for s in range(services) for i in range(INSTANCES)])
        yield reads(server, many, "/v1/catalog/services", runs=runs, seconds=seconds)


def instance(service: str, number: int) -> dict[str, object]:
    """One instance on a node of its own, with a check of the node and one of the service."""
    node, identity = f"{service}-node-{number}", f"{service}-{number}"
    return {
        "Node": node,
        "Address": f"10.1.0.{number}",
        "Service": {
            "ID": identity,
            "Service": service,
            "Port": 8080,
            "Tags": ["v1"],  # a single one, since Consul lists several in random order
            "Meta": {"version": "1"},
        },
        "Checks": [
            {"Node": node, "CheckID": "alive", "Name": "alive", "Status": "passing"},
            {
                "Node": node,
                "CheckID": f"service:{identity}",
                "Name": "answers",
                "Status": "passing",
                "ServiceID": identity,
            },
        ],
    }


def register(server: Server, registrations: list[dict[str, object]]) -> None:
    requests = (
        (str(r["Node"]), request_bytes("PUT", "/v1/catalog/register", json.dumps(r).encode()))
        for r in registrations
    )
    load = drive(server.http_port, requests, clients=32, expected=b"true")
    if len(load.acknowledged) != len(registrations):
        raise SystemExit(f"{server.name}: registering failed: {load.wrong[:3]}")


def reads(server: Server, name: str, path: str, *, runs: int, seconds: int) -> Figure:
    right = server.must("GET", path).body
    check_shape(path, right)
    with tempfile.TemporaryDirectory() as folder:
        body, script = Path(folder, "right"), Path(folder, "check.lua")
        body.write_bytes(right)
        script.write_text(CHECKING_LUA)
        url = f"http://127.0.0.1:{server.http_port}{path}"
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s"]
        command += ["-H", f"X-Consul-Token: {TOKEN}", "-s", str(script), url]
        found = [one_run(server, command, right=right, file=body) for _ in range(runs)]
    return Figure(name=name, unit="reads/s", runs=tuple(found))


def check_shape(path: str, right: bytes) -> None:
    """What all answers are compared with must itself be right."""
    answer = json.loads(right)
    if path.endswith("/web"):
        found = sorted((entry["Service"]["ID"], len(entry["Checks"])) for entry in answer)
        assert found == [(f"web-{number}", 2) for number in range(5)], found
        return
    assert {"web", "watched"} < answer.keys(), answer.keys()
    assert answer["s0"] == ["v1"], answer["s0"]


def one_run(server: Server, command: list[str], *, right: bytes, file: Path) -> Run:
    cpu_before = server.cpu_seconds()
    shown = subprocess.run(
        command,
        env={"BENCH_RIGHT_BODY": str(file), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    ).stdout
    cpu_s = server.cpu_seconds() - cpu_before
    line = WRK_LINE.search(shown)
    if line is None:
        raise SystemExit(f"wrk: {shown}")
    answers, duration_us, wrong, errors, p50_us, p99_us, worst_us = map(int, line.groups()[:7])
    return Run(
        value=answers / duration_us * 1e6,
        answers=answers,
        wrong=wrong + errors,
        server_cpu_s=cpu_s,
        p50_ms=p50_us / 1e3,
        p99_ms=p99_us / 1e3,
        worst_ms=worst_us / 1e3,
        note=line[8] or f"{len(right) / 1024:.1f} KiB",
    )


if __name__ == "__main__":
    main("reads", measure)
