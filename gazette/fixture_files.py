"""How fixtures are written down, so that a person can review a change line by line."""

import json

LINE = 150


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
