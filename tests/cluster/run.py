"""Start the cluster and keep it until Ctrl-C, for people: `python -m tests.cluster.run`."""

import contextlib
import signal

from rich.console import Console

from tests.cluster.cluster import running


def main() -> None:
    console = Console(highlight=False)
    with contextlib.suppress(KeyboardInterrupt), running() as cluster:
        console.print(f"load balancer  {cluster.url}  (xDS on port {cluster.grpc_port})")
        for server in cluster.servers:
            console.print(f"{server.name}       {server.url}")
        console.print(f"logs           {cluster.folder}")
        console.print(f"token          {cluster.token}")
        console.print("Ctrl-C stops all of it.")
        signal.pause()


if __name__ == "__main__":
    main()
