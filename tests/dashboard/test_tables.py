"""What of a list is shown: filters, facets, order, columns, window, and why there is nothing."""

import msgspec
import pytest

from dashboard.params import Params, parse
from dashboard.tables import Column, Empty, Facet, Header, Listing, Option, Table, listing
from meshcore.lib.errors import InvalidError


class Dish(msgspec.Struct, frozen=True, rename="pascal"):
    name: str
    price: int
    tags: tuple[str, ...] = ()


DISHES = (
    Dish("Soup", 4, ("hot", "vegan")),
    Dish("Salad", 4, ("vegan",)),
    Dish("Steak", 20, ("hot",)),
    Dish("Ice", 3),
)
NONE_YET = Empty(title="No dishes yet", line="cook")
TABLE: Table[Dish] = Table(
    one="dish",
    many="dishes",
    row_type=Dish,
    words=lambda dish: dish.name.lower(),
    sort="name",
    columns=(
        Column(name="name", label="Name", value=lambda dish: dish.name),
        Column(name="price", label="Price", value=lambda dish: dish.price, is_number=True),
        Column(
            name="tags",
            label="Tags",
            value=lambda dish: dish.tags,
            is_sortable=False,
            is_optional=True,
        ),
    ),
    facets=(Facet(name="tag", label="Tag", values=lambda dish: dish.tags),),
    none_yet=NONE_YET,
)


def listed(query: str = "", rows: tuple[Dish, ...] = DISHES, **rest: bool) -> Listing[Dish]:
    return listing(TABLE, rows, parse(query), **rest)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Ice", "Salad", "Soup", "Steak"]),
        ("q=s+A", ["Salad", "Steak"]),
        ("tag=hot", ["Soup", "Steak"]),
        ("tag=hot&tag=vegan", ["Salad", "Soup", "Steak"]),
        ("filter=Price+!%3D+4+and+Tags+is+not+empty", ["Steak"]),
        ("q=sou&tag=vegan&filter=Price+%3D%3D+4", ["Soup"]),
        ("sort=-name", ["Steak", "Soup", "Salad", "Ice"]),
        ("sort=price", ["Ice", "Salad", "Soup", "Steak"]),
        ("sort=-price", ["Steak", "Salad", "Soup", "Ice"]),
    ],
)
def test_rows_are_filtered_and_sorted_by_the_url(query: str, names: list[str]) -> None:
    assert [dish.name for dish in listed(query).rows] == names


def test_facets_count_what_choosing_an_option_would_show() -> None:
    (facet,) = listed("q=s&tag=hot").facets
    assert facet.options == (Option("hot", 2, is_chosen=True), Option("vegan", 2, is_chosen=False))


def test_headers_lead_to_the_list_sorted_by_them_and_back() -> None:
    assert listed("sort=price&q=s").headers == (
        Header(
            name="name",
            label="Name",
            is_number=False,
            is_shown=True,
            sort="",
            sort_query="?q=s",
            toggle_query="?sort=price&q=s&columns=price",
        ),
        Header(
            name="price",
            label="Price",
            is_number=True,
            is_shown=True,
            sort="ascending",
            sort_query="?q=s&sort=-price",
            toggle_query="?sort=price&q=s&columns=name",
        ),
        Header(
            name="tags",
            label="Tags",
            is_number=False,
            is_shown=False,
            sort="",
            sort_query="",
            toggle_query="?sort=price&q=s&columns=name%2Cprice%2Ctags",
        ),
    )


def test_columns_are_chosen_in_the_url() -> None:
    assert listed("columns=name,tags").shows == {"name": True, "price": False, "tags": True}
    assert listed("columns=name,tags").headers[1].toggle_query == "?columns=name%2Cprice%2Ctags"
    assert listed("columns=name,price,tags").headers[2].toggle_query == "?"


def test_window_grows_until_all_is_shown() -> None:
    many = tuple(Dish(f"Dish {number:03}", 1) for number in range(250))
    first = listed("", many)
    assert (len(first.rows), first.more_query) == (100, "?rows=200")
    assert first.counted == "100 of 250 dishes"
    last = listed("rows=300&q=dish", many)
    assert (len(last.rows), last.more_query, last.counted) == (250, "", "250 dishes")
    assert listed("q=249", many).counted == "1 dish, of 250"


def test_exports_are_of_all_that_matches() -> None:
    assert listed("q=s&rows=200").csv_query == "?q=s&format=csv"
    assert len(listed("q=s").matching) == 3


@pytest.mark.parametrize(
    ("query", "rows", "has_hidden", "empty"),
    [
        ("", (), False, NONE_YET),
        (
            "",
            (),
            True,
            Empty(
                title="No dishes that you may see",
                text="There are dishes, and your token may read none of them."
                " Whoever manages tokens can grant it more.",
                icon_name="lock",
            ),
        ),
        (
            "q=x&sort=price",
            DISHES,
            True,
            Empty(
                title="No dish matches",
                text="There are 4 dishes without the filters.",
                path="?sort=price",
                label="Show all dishes",
                icon_name="search",
            ),
        ),
        (
            "filter=Colour+%3D%3D+red",
            DISHES,
            False,
            Empty(
                title="No dish matches",
                text='Selector "Colour" is not valid',
                path="?",
                label="Show all dishes",
                icon_name="search",
            ),
        ),
    ],
    ids=["none yet", "no permission", "filtered", "wrong expression"],
)
def test_empty_list_says_why(
    query: str,
    rows: tuple[Dish, ...],
    has_hidden: bool,  # noqa: FBT001 a parameter of the table above
    empty: Empty,
) -> None:
    assert listed(query, rows, has_hidden=has_hidden).empty == empty


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("sort=colour", 'there is no column "colour": there are name, price, tags'),
        ("columns=name,x", 'there is no column "x": there are name, price, tags'),
        ("sort=tags", "nothing can be sorted by tags"),
        ("rows=" + "9" * 5000, 'rows is a number, and "99999999999999999999" is none'),
        ("rows=all", 'rows is a number, and "all" is none'),
    ],
)
def test_what_a_list_does_not_have_is_named(query: str, sentence: str) -> None:
    with pytest.raises(InvalidError, match=sentence):
        listed(query)


def test_params_keep_their_order_and_are_bounded() -> None:
    params = parse("b=1&a=x%20y&b=2&c=")
    assert params == Params((("b", "1"), ("a", "x y"), ("b", "2")))
    assert (params.get("b"), params.all("b"), params.get("c")) == ("1", ("1", "2"), "")
    assert params.having(b="3").query == "?a=x+y&b=3"
    assert params.without("a", "b").query == ""
    with pytest.raises(InvalidError, match="more than 100 parameters"):
        parse("a=1&" * 101)
