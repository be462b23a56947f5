from dashboard.intentions.merging import Theirs, merged, theirs
from meshcore.intentions.types import Action, Intention, ServiceIntentions


def to_api(**sources: Action) -> ServiceIntentions:
    return ServiceIntentions(
        destination="api",
        intentions=tuple(
            Intention(source=source, destination="api", action=action)
            for source, action in sources.items()
        ),
    )


BASE = to_api(web="allow", db="allow")


def test_each_change_is_kept_where_only_one_of_two_made_it() -> None:
    mine, present = to_api(web="deny", db="allow"), to_api(web="allow", shop="allow")
    assert merged(BASE, mine, present) == to_api(web="deny", shop="allow")
    assert theirs(BASE, mine, present) == (
        Theirs(source="db", before=BASE.intentions[1], after=None, clashes=False),
        Theirs(source="shop", before=None, after=present.intentions[1], clashes=False),
    )


def test_mine_is_kept_where_both_changed_the_same() -> None:
    mine, present = to_api(db="allow"), to_api(web="deny", db="allow")
    assert merged(BASE, mine, present) == to_api(db="allow")
    assert theirs(BASE, mine, present) == (
        Theirs(source="web", before=BASE.intentions[0], after=present.intentions[0], clashes=True),
    )


def test_the_same_change_made_by_two_is_no_clash() -> None:
    both = to_api(web="deny", db="allow")
    assert merged(BASE, both, both) == both
    assert [each.clashes for each in theirs(BASE, both, both)] == [False]


def test_what_both_created_or_all_deleted_is_merged_too() -> None:
    assert merged(None, to_api(web="allow"), to_api(db="deny")) == to_api(web="allow", db="deny")
    assert merged(BASE, to_api(web="deny", db="allow"), None) == to_api(web="deny")
