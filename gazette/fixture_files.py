"""The files of fixtures: where they are, how they are read, and how they are written for people to review."""

import json
from pathlib import Path

from django.conf import settings

from .reading import ReadPassage, read_gazette

FIXTURES = settings.BASE_DIR / "fixtures"
LINE = 150


class CannotLoad(Exception):
    """A fixture that cannot be loaded; the message names file, record, value and remedy."""


def document_files(directory: Path = FIXTURES) -> list[Path]:
    """The documents' files: those that have a file of passages beside them or are to get one."""
    skip = {"units.json"}
    return sorted(
        path for path in directory.glob("*.json") if path.name not in skip and not path.name.endswith(".passages.json")
    )


def read_passages(path: Path) -> list[dict]:
    """What the reader makes of a document's source text: the content of its `.passages.json`.

    `CannotLoad` where the source holds no document of that title.
    """
    document = read_json(path)["document"]
    source = path.parent / "source" / document["source"]
    for read in read_gazette(source.read_text(encoding="utf-8")):
        if read.title == document["title"]:
            return [_as_json(position, passage) for position, passage in enumerate(read.passages, 1)]
    raise CannotLoad(f"{source.name} 中没有标题为“{document['title']}”的文件，请核对 {path.name} 的标题。")


def _as_json(position: int, passage: ReadPassage) -> dict:
    return {
        "position": position,
        "kind": passage.kind,
        "label": passage.label,
        "level": passage.level,
        "parent": None if passage.parent is None else passage.parent + 1,
        "text": passage.text,
    }


def read_json(path: Path):
    """The content of a JSON file; `CannotLoad` names the file and the line that is wrong."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CannotLoad(f"缺少文件 {path.name}。") from None
    except json.JSONDecodeError as error:
        raise CannotLoad(f"{path.name} 第{error.lineno}行不是正确的 JSON：{error.msg}。") from None


def dump(value) -> str:
    """JSON with one value a line where it fits, and one key or row a line where it does not."""
    return _dump(value, 0) + "\n"


def _dump(value, depth: int) -> str:
    flat = json.dumps(value, ensure_ascii=False)
    if depth and len(flat) + depth <= LINE or not isinstance(value, dict | list) or not value:
        return flat
    pad = " " * (depth + 2)
    if isinstance(value, dict):
        rows = [f"{json.dumps(key, ensure_ascii=False)}: {_dump(item, depth + 2)}" for key, item in value.items()]
    else:
        rows = [_dump(item, depth + 2) for item in value]
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    return opening + "\n" + ",\n".join(pad + row for row in rows) + "\n" + " " * depth + closing
