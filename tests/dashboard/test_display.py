"""How a browser wants its pages."""

from dashboard.display import chosen


def test_only_known_choices_reach_the_page() -> None:
    cookies = {"tulle_theme": "dark", "tulle_density": '"><b>', "tulle_rail": "narrow"}
    assert chosen(cookies) == {"theme": "dark", "rail": "narrow"}


def test_nothing_chosen_is_what_the_system_says() -> None:
    assert chosen({}) == {}
