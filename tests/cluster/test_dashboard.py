"""What is only in one process's memory breaks behind a load balancer."""

import httpx
from websockets import Origin
from websockets.sync.client import connect

from tests.cluster.cluster import Cluster

BY_HAND = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none", "Sec-Fetch-Dest": "document"}


def test_a_link_of_one_server_logs_in_at_the_other_and_only_once(cluster: Cluster) -> None:
    one, other = cluster.servers
    with cluster.client(one.url) as client:
        link = client.post("/ui/link").json()["url"]
    path = httpx.URL(link).path
    with httpx.Client(base_url=other.url) as browser:
        entered = browser.get(path, headers=BY_HAND)
        assert (entered.status_code, "tulle_login" in entered.cookies) == (303, True)
        assert browser.get("/ui/services").status_code == 200
    with httpx.Client(base_url=one.url) as browser:
        again = browser.get(path, headers=BY_HAND)
        assert "tulle_login" not in again.cookies


def test_a_page_that_is_open_at_one_server_follows_a_write_at_the_other(cluster: Cluster) -> None:
    one, other = cluster.servers
    with cluster.client(one.url) as client:
        path = httpx.URL(client.post("/ui/link").json()["url"]).path
        cookie = httpx.get(f"{other.url}{path}", headers=BY_HAND).cookies["tulle_login"]
        address = other.url.replace("http", "ws")
        with connect(
            f"{address}/ui/live",
            origin=Origin(other.url),
            additional_headers={"Cookie": f"tulle_login={cookie}"},
        ) as tab:
            tab.send('{"watch": "/ui/services", "version": ""}')
            assert "of-the-other-server" not in str(tab.recv(timeout=30))
            service = {"Service": "of-the-other-server", "Port": 80}
            place = {"Node": "node-9", "Address": "10.0.0.9", "Service": service}
            client.put("/v1/catalog/register", json=place).raise_for_status()
            while "of-the-other-server" not in str(tab.recv(timeout=30)):
                pass
