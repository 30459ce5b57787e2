# SPDX-License-Identifier: Apache-2.0
"""Small pieces of Markdown that pages are made of."""

import json


def code(text):
    """Inline code, also of a text with backticks in it."""
    text = str(text)
    fence = "``" if "`" in text else "`"
    return f"{fence}{text}{fence}"


def cell(text):
    """What may stand in a table: one line, no bars."""
    return str(text).replace("|", "\\|").replace("\n", " ").strip()


def table(head, rows):
    rows = list(rows)
    if not rows:
        return
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell(item) for item in row) + " |"
    yield ""


def count(number, word):
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def value(item, limit=100):
    """A value as JSON in inline code; one that is long is told by its size."""
    text = json.dumps(item, ensure_ascii=False)
    if len(text) <= limit:
        return code(text)
    if isinstance(item, str):
        lines = len(item.splitlines())
        return f"a text of {count(lines, 'line')}" if lines > 1 else f"a text of {len(item)} characters"
    return f"a list of {count(len(item), 'item')}" if isinstance(item, list) else f"a map of {count(len(item), 'key')}"


def codes(items, join=", "):
    return join.join(code(item) for item in items)


def sentences(*texts):
    """Joins texts to a paragraph, each with its full stop."""
    return " ".join(text if text.endswith((".", "?", ":")) else text + "." for text in texts if text)
