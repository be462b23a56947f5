"""What is only in one process's memory breaks behind a load balancer."""

import httpx

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
