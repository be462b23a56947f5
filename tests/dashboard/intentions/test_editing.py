import pytest

from dashboard.intentions.draft import Draft, HeaderRow, PermissionRow, SourceRow
from dashboard.intentions.editing import edited
from meshcore.lib.errors import InvalidError

FIRST = PermissionRow(path_test="prefix", path="/v1")
SECOND = PermissionRow(path_test="prefix", path="/v2")
NEW = PermissionRow(path_test="prefix", path="/")


def draft(*permissions: PermissionRow, is_open: bool = True) -> Draft:
    web = SourceRow(name="web", by="permissions", permissions=permissions, is_open=is_open)
    return Draft(destination="api", sources=(web,))


@pytest.mark.parametrize(
    ("button", "after"),
    [
        ("add:sources.0.permissions", draft(FIRST, SECOND, NEW)),
        ("begin:sources.0.permissions", draft(FIRST, SECOND)),
        ("remove:sources.0.permissions.0", draft(SECOND)),
        ("down:sources.0.permissions.0", draft(SECOND, FIRST)),
        ("down:sources.0.permissions.1", draft(FIRST, SECOND)),
        ("up:sources.0.permissions.1", draft(SECOND, FIRST)),
        ("up:sources.0.permissions.0", draft(FIRST, SECOND)),
        (
            "add:sources.0.permissions.1.headers",
            draft(FIRST, PermissionRow(path_test="prefix", path="/v2", headers=(HeaderRow(),))),
        ),
        ("remove:sources.0", Draft(destination="api")),
        ("close:sources.0", draft(FIRST, SECOND, is_open=False)),
    ],
)
def test_button_changes_the_rows_that_it_names(button: str, after: Draft) -> None:
    assert edited(draft(FIRST, SECOND), button) == after


def test_first_permission_is_there_as_soon_as_requests_are_looked_at() -> None:
    assert edited(draft(), "begin:sources.0.permissions") == draft(NEW)


@pytest.mark.parametrize(
    "button",
    [
        "",
        "add",
        "add:headers",
        "explode:sources",
        "remove:sources.1",
        "remove:sources.-1",
        "remove:sources.x",
        "up:sources",
        "add:sources.0.headers",
        "open:sources.0.permissions.0",
    ],
)
def test_button_that_the_form_has_not_is_refused(button: str) -> None:
    with pytest.raises(InvalidError, match="the form has no button"):
        edited(draft(FIRST), button)
