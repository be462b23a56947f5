"""The documents of a text with the line of each field: YAML, JSON and HCL."""

import re
from collections.abc import Iterator, Mapping

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from meshcore.config_entries.problems import Path
from meshcore.lib import hcl
from meshcore.lib.errors import InvalidError

YAML_SUFFIXES = (".yaml", ".yml")
HCL_SUFFIXES = (".hcl", ".json")
SUFFIXES = YAML_SUFFIXES + HCL_SUFFIXES
LOCATED = re.compile(r"(?P<file>.*?):(?P<line>\d+): (?P<sentence>.*)", re.DOTALL)
YAML_BEGINS = re.compile(r"\s*(#.*\s+)*(---|[\"\w.-]+\s*:(\s|$))")
DEEPEST = 60


class Mistake(msgspec.Struct, frozen=True, kw_only=True):
    """Something wrong, and where: what cannot be known of the place is left out."""

    file: str
    document: int = 0
    line: int = 0
    sentence: str

    def __str__(self) -> str:
        place = [f"document {self.document}"] if self.document else []
        place += [f"line {self.line}"] if self.line else []
        return ": ".join(filter(None, (self.file, ", ".join(place), self.sentence)))


class MistakeError(InvalidError):
    def __init__(self, mistake: Mistake) -> None:
        self.mistake = mistake
        super().__init__(str(mistake))


class Located(msgspec.Struct, frozen=True):
    """One document; `first_line` stands in for fields that are not in it."""

    file: str
    number: int
    value: Mapping[str, object]
    lines: Mapping[Path, int]
    first_line: int = 1

    def mistake(self, path: Path, sentence: str) -> Mistake:
        return Mistake(
            file=self.file, document=self.number, line=self.line_of(path), sentence=sentence
        )

    def line_of(self, path: Path) -> int:
        """The line of the field, or of the innermost thing around it that is there."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return self.first_line


def documents(text: str, *, file: str) -> Iterator[Located]:
    """Raise MistakeError for bad syntax; the form is known by the suffix, else by its beginning."""
    if file.endswith(YAML_SUFFIXES) or (
        not file.endswith(HCL_SUFFIXES) and YAML_BEGINS.match(text)
    ):
        yield from yaml_documents(text, file=file)
        return
    try:
        value, lines = hcl.parse_with_lines(text, file=file)
    except InvalidError as error:
        raise MistakeError(located(error, file=file)) from None
    yield Located(file, 1, value, lines)


def located(error: InvalidError, *, file: str) -> Mistake:
    found = LOCATED.fullmatch(str(error))
    if found is None:
        return Mistake(file=file, sentence=str(error).removeprefix(f"{file}: "))
    return Mistake(file=file, line=int(found["line"]), sentence=found["sentence"])


def yaml_documents(text: str, *, file: str) -> Iterator[Located]:
    try:
        values = list(YAML(typ="safe", pure=True).load_all(text))
        nodes = list(YAML(typ="safe", pure=True).compose_all(text))
    except YAMLError as error:
        raise MistakeError(yaml_mistake(error, file=file)) from None
    except RecursionError:
        raise MistakeError(Mistake(file=file, sentence="nested too deeply")) from None
    for number, (value, node) in enumerate(zip(values, nodes, strict=True), start=1):
        if value is None:
            continue
        line = node.start_mark.line + 1
        if not isinstance(value, Mapping):
            sentence = "a document must be an object, with a kind"
            raise MistakeError(Mistake(file=file, document=number, line=line, sentence=sentence))
        yield Located(file, number, value, dict(node_lines(node)), line)


def yaml_mistake(error: YAMLError, *, file: str) -> Mistake:
    mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
    problem = error.problem if isinstance(error, MarkedYAMLError) else str(error)
    line = mark.line + 1 if mark is not None else 0
    return Mistake(file=file, line=line, sentence=f"bad YAML: {problem}")


def node_lines(node: Node, path: Path = ()) -> Iterator[tuple[Path, int]]:
    if len(path) > DEEPEST:
        return
    if isinstance(node, MappingNode):
        for key, value in node.value:
            inner = (*path, str(key.value))
            yield inner, key.start_mark.line + 1
            yield from node_lines(value, inner)
    elif isinstance(node, SequenceNode):
        for index, item in enumerate(node.value):
            yield (*path, index), item.start_mark.line + 1
            yield from node_lines(item, (*path, index))
