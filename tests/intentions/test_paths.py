"""Expected values are what Envoy 1.40.0 answered with the same settings."""

import pytest

from meshcore.intentions.paths import normalized
from meshcore.lib.errors import InvalidError


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("/a", "/a"),
        ("/%61dmin", "/admin"),
        ("/A%6a%4A%39", "/AjJ9"),
        ("/a%2eb", "/a.b"),
        ("/a%2Db%5Fc%7Ed%7ed", "/a-b_c~d~d"),
        ("/a/../b", "/b"),
        ("/a/%2e%2e/b", "/b"),
        ("/a/.%2E/b", "/b"),
        ("/a/./b", "/a/b"),
        ("/a/.", "/a/"),
        ("/a/%2e", "/a/"),
        ("/a/..", "/"),
        ("/..", "/"),
        ("/%2E", "/"),
        ("/../..", "/"),
        ("/a//b", "/a/b"),
        ("//", "//"),
        ("///", "//"),
        ("//a", "/a"),
        ("/a//", "/a/"),
        ("/a//../b", "/a/b"),
        ("/a/b//../c", "/a/b/c"),
        ("/a\\b", "/a/b"),
        ("/a/\\../b", "/a/b"),
        ("/a?x=%2f", "/a?x=%2f"),
        ("/a%", "/a%"),
        ("/a%4", "/a%4"),
        ("/a%zz", "/a%zz"),
        ("/a%25", "/a%25"),
        ("/a%2561", "/a%2561"),
        ("/a%%41", "/a%A"),
        ("/%%61b", "/%25ab"),
        ("/%0%61b", "/%250ab"),
        ("/%%32%66admin", "/%252fadmin"),
        ("/a/%252e%252e/b", "/a/%252e%252e/b"),
        ("/a;x/b", "/a;x/b"),
        ("/a/..;x/b", "/b"),
        ("/a/..;/b", "/b"),
        ("/a/.;x/b", "/a/b"),
        ("/a/..;%00/b", "/b"),
        ("/x/%2e%2e;/b", "/x/..;/b"),
        ("/a/b/..%3bx/c", "/a/b/..%3bx/c"),
        ("/a%23b", "/a%23b"),
        ("/a%3fb", "/a%3fb"),
        ("/a%20b", "/a%20b"),
        ("/a%7fb", "/a%7fb"),
        ("/a%01b", "/a%01b"),
        ("/%C3%A9", "/%C3%A9"),
        ("/%e9", "/%e9"),
        ("/a{b}", "/a%7Bb%7D"),
        ('/a|b^c`d"e<f>', "/a%7Cb%5Ec%60d%22e%3Cf%3E"),
        ("/a!$&'()*+,-.:;=@_~b", "/a!$&'()*+,-.:;=@_~b"),
        ("/a[b]", "/a[b]"),
        ("/?", "/?"),
        ("//?a//b", "//?a//b"),
        ("/a/?//../", "/a/?//../"),
        ("/a/...", "/a/..."),
        ("/.../", "/.../"),
        ("/a/..b", "/a/..b"),
        ("/a/.b", "/a/.b"),
        ("/a/b../c", "/a/b../c"),
        ("/a.%2e/b", "/a../b"),
        ("http://web/a//b", "/a/b"),
        ("http://web", "/"),
    ],
)
def test_path_is_seen_as_envoy_sees_it(sent: str, seen: str) -> None:
    assert normalized(sent) == seen


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ("/a%5cb", "the path has an escaped slash (%2F or %5C)"),
        ("/a%2fb", "the path has an escaped slash (%2F or %5C)"),
        ("/%2e%2e%2fadmin", "the path has an escaped slash (%2F or %5C)"),
        ("/a%00b", "the path has an escaped zero (%00)"),
        ("/a#b", "the path has a fragment (#)"),
        ("/a?b#c", "the path has a fragment (#)"),
        ("a", "the path does not begin with /"),
        ("\\a", "the path does not begin with /"),
        ("", "the path does not begin with /"),
        ("?", "the path does not begin with /"),
        ("/é", "the path has characters that are not printable ASCII"),
        ("/a b", "the path has characters that are not printable ASCII"),
        ("/a\tb", "the path has characters that are not printable ASCII"),
        ("/a\x7fb", "the path has characters that are not printable ASCII"),
        ("/a\x01b", "the path has characters that are not printable ASCII"),
    ],
)
def test_path_that_envoy_refuses_is_refused_with_the_reason(sent: str, reason: str) -> None:
    with pytest.raises(InvalidError, match="^" + reason.replace("(", r"\(").replace(")", r"\)")):
        normalized(sent)
