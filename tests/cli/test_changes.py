from tests.cli.conftest import Tulle


def newest(tulle: Tulle, name: str) -> str:
    """The number of the newest change that is about this."""
    return tulle("changes", "--name", name, "--limit", "1").out.splitlines()[1].split()[0]


def test_changes_are_listed_and_undone(tulle: Tulle) -> None:
    tulle("intention", "create", "purse", "cellar", "--allow")
    tulle("intention", "create", "purse", "cellar", "--deny", "--replace")
    out, _, code = tulle("changes", "--name", "cellar")
    assert code == 0
    heading, second, first = out.splitlines()
    assert heading.split() == ["No.", "At", "By", "What", "changed", "Reason"]
    assert "intention purse → cellar: allow → deny" in second
    assert "intention purse → cellar created: allow" in first

    index = newest(tulle, "cellar")
    done = tulle("undo", index, "--reason", "by mistake")
    assert done == (f"Undone: {index}, by change {newest(tulle, 'cellar')}\n", "", 0)
    assert tulle("intention", "check", "purse", "cellar").code == 0
    assert "by mistake" in tulle("changes", "--name", "cellar").out

    refused = tulle("undo", index)
    assert refused.code == 1
    assert "cannot undo it: change" in refused.err


def test_nothing_of_this_name_is_said_so(tulle: Tulle) -> None:
    assert tulle("changes", "--name", "nobody") == ("", "Nothing was changed yet.\n", 0)
