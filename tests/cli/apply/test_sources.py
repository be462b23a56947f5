import io
from pathlib import Path

import pytest

from meshcore.cli.apply.sources import read
from meshcore.config_entries.kubernetes import Skipped
from meshcore.config_entries.types import ProxyDefaults, ServiceDefaults
from meshcore.intentions.types import Intention, ServiceIntentions
from meshcore.mesh.texts import Asked

KUBERNETES = """\
# The service itself and what the mesh is to know of it.
apiVersion: v1
kind: Service
metadata:
  name: api
---
apiVersion: consul.hashicorp.com/v1alpha1
kind: ServiceDefaults
metadata:
  name: api
spec:
  protocol: http
---
apiVersion: consul.hashicorp.com/v1alpha1
kind: ServiceIntentions
metadata:
  name: web-to-api
spec:
  destination:
    name: api
  sources:
    - name: web
      action: allow
"""
META = {"external-source": "kubernetes"}
API = ServiceDefaults(name="api", protocol="http", meta=META)
WEB_TO_API = ServiceIntentions(
    destination="api",
    intentions=(Intention(source="web", destination="api", action="allow"),),
    meta=META,
)
SKIPPED = Skipped("Service", "api", "an object of Kubernetes itself, of no concern to the mesh")


def write(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


def mistakes(asked: Asked) -> list[str]:
    return [str(mistake) for mistake in asked.mistakes]


def test_documents_of_a_file_are_entries_and_things_to_skip(tmp_path: Path) -> None:
    file = write(tmp_path / "api.yaml", KUBERNETES)
    assert read([file]) == Asked(entries=[API, WEB_TO_API], skipped=[SKIPPED])


def test_folder_is_read_to_its_ends_but_for_hidden_and_other_files(tmp_path: Path) -> None:
    write(tmp_path / "b" / "api.yml", KUBERNETES)
    write(tmp_path / "a.hcl", 'Kind = "service-defaults"\nName = "web"\nProtocol = "tcp"\n')
    write(tmp_path / "c.json", '{"Kind": "proxy-defaults", "Name": "global"}')
    write(tmp_path / ".git" / "x.yaml", "not: read")
    write(tmp_path / "README.md", "not read")
    assert read([str(tmp_path)]) == Asked(
        entries=[
            ServiceDefaults(name="web", protocol="tcp"),
            API,
            WEB_TO_API,
            ProxyDefaults(),
        ],
        skipped=[SKIPPED],
    )


@pytest.mark.parametrize(
    "text",
    [
        'Kind = "service-defaults"\nName = "web"\n',
        '{"Kind": "service-defaults", "Name": "web"}',
        "# a comment\nKind: service-defaults\nName: web\n",
        "---\nKind: service-defaults\nName: web\n",
    ],
)
def test_standard_input_is_known_by_its_beginning(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    assert read(["-"]) == Asked(entries=[ServiceDefaults(name="web")])


def test_all_mistakes_of_all_files_are_named_with_document_line_and_field(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    wrong = KUBERNETES.replace("action:", "acton:").replace("protocol: http", "protocol: htp")
    write(Path("api.yaml"), wrong)
    write(Path("web.hcl"), 'Kind = "service-defaults"\nName = "web"\n\nProtcol = "tcp"\n')
    assert mistakes(read(["api.yaml", "web.hcl"])) == [
        "api.yaml: document 2, line 12: spec.protocol: "
        'must be one of tcp, http, http2, grpc, not "htp"',
        "api.yaml: document 3, line 23: spec.sources[0].acton: unknown field; did you mean action?",
        "web.hcl: document 1, line 4: Protcol: unknown field; did you mean Protocol?",
    ]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "x.yaml",
            "kind: a\n  b: c\n",
            "x.yaml: line 2: bad YAML: mapping values are not allowed here",
        ),
        (
            "x.yaml",
            "---\n- a\n",
            "x.yaml: document 1, line 2: a document must be an object, with a kind",
        ),
        ("x.json", '{\n"Kind": \n}', "x.json: line 3: bad JSON: Expecting value"),
        (
            "x.hcl",
            'Kind = "x"\n',
            'x.hcl: document 1, line 1: Kind: unknown kind "x"; known are api-gateway',
        ),
        (
            "x.yaml",
            "\n\napiVersion: consul.hashicorp.com/v1alpha1\nkind: ServiceIntentions\n",
            "x.yaml: document 1, line 3: spec.destination: is required, with a name",
        ),
        (
            "x.yaml",
            KUBERNETES.replace("name: web\n      action", "action"),
            "x.yaml: document 3, line 22: spec.sources[0].name: is required",
        ),
        (
            "x.yaml",
            KUBERNETES.replace("    name: api\n  sources", '    name: "a/b"\n  sources'),
            'x.yaml: document 3, line 20: spec.destination.name: "a/b" is no name',
        ),
        (
            "x.yaml",
            KUBERNETES + "---" + KUBERNETES.split("---")[1],
            "x.yaml: document 4, line 25: service-defaults/api stands already in",
        ),
    ],
)
def test_mistake_names_the_place_as_far_as_there_is_one(
    name: str, text: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(Path(name), text)
    (mistake,) = mistakes(read([name]))
    assert mistake.startswith(said)


def test_what_cannot_be_read_is_a_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    Path("x.yaml").write_bytes(b"\xff\xfe\x00")
    assert mistakes(read(["missing.yaml", "empty", "x.yaml"])) == [
        "missing.yaml: No such file or directory",
        "empty: no .yaml, .yml, .hcl, .json in this folder",
        "x.yaml: not UTF-8 text",
    ]
