"""What one comes to each page for, done by mouse with the real mesh behind it."""

import csv
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.dashboard.tabs import Tab
from tests.e2e.demo import Demo

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.timeout(400)]


def test_services_are_filtered_sorted_and_taken_along(tab: Tab) -> None:
    tab.open("/ui/services")
    tab.find("th a").filter(has_text="Name").click()
    expect(tab.find("tbody tr a").first).to_have_text("public-api")
    tab.find("#list-q").fill("api")
    expect(tab.find("tbody tr")).to_have_count(2)
    tab.find("#list-columns summary").click()
    tab.find("#list-columns .menu-item").filter(has_text="Kind").click()
    expect(tab.find("th").filter(has_text="Kind")).to_have_count(0)
    tab.page.keyboard.press("Escape")
    with tab.page.expect_download() as download:
        tab.click("CSV", role="link")
    rows = list(csv.reader(Path(download.value.path()).read_text().splitlines()))
    assert [row[0] for row in rows[1:]] == ["public-api", "product-api"]


def test_proxy_of_an_instance_runs_what_is_wanted(tab: Tab) -> None:
    tab.open("/ui/services")
    for words in ("public-api", "public-api", "Proxy configuration"):
        tab.find("#page").get_by_role("link", name=words, exact=True).first.click()
        expect(tab.find("#page")).to_contain_text("public-api")
    expect(tab.find("#proxy-stream .badge")).to_have_text("runs what is wanted")
    expect(tab.find("#proxy-stream")).to_contain_text("Envoy")


def test_instance_goes_into_maintenance_for_a_reason_and_back(tab: Tab, demo: Demo) -> None:
    tab.open("/ui/services/public-api/public-api")
    for item, go, health in (
        ("Maintenance", "Into maintenance", "maintenance"),
        ("Back into service", "Back into service", "passing"),
    ):
        tab.find("#more-actions summary").click()
        tab.find("#more-actions").get_by_role("button", name=item).click()
        tab.find("#confirm-reason").fill("a new disk")
        tab.find("#confirm").get_by_role("button", name=go).click()
        expect(tab.find("#instance-health .badge")).to_have_attribute("data-status", health)
    assert demo.shows("Packer Spiced Latte")


def test_change_to_a_new_root_interrupts_nobody(tab: Tab, demo: Demo) -> None:
    tab.open("/ui/certificates")
    tab.find("#rotate").click()
    tab.find("#confirm").get_by_role("button", name="Rotate").click()
    expect(tab.find(".toast-text")).to_be_visible()
    expect(tab.find("#page")).to_contain_text("2")
    assert httpx.get(demo.page).text.count("Packer Spiced Latte") > 0


def test_change_is_explained_and_undone(tab: Tab, demo: Demo) -> None:
    with demo.management() as client:
        body = {"Action": "deny"}
        between = {"source": "frontend", "destination": "public-api"}
        client.put("/v1/connect/intentions/exact", params=between, json=body).raise_for_status()
    assert demo.shows("Error :(")
    tab.open("/ui/intentions/explain?source=frontend&destination=public-api")
    expect(tab.find("#page .verdict").first).to_have_attribute("data-verdict", "deny")
    tab.open("/ui/changes")
    tab.find("tbody tr").first.get_by_role("button").click()
    tab.find("#confirm [data-confirm-go]").click()
    expect(tab.find(".toast-text")).to_contain_text("Undone")
    assert demo.shows("Packer Spiced Latte")
