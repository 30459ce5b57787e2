# SPDX-License-Identifier: Apache-2.0
"""docs/components/README.md: all components by topic."""

from . import component, knowledge as know
from .markdown import code, table

TOPICS = {
    "foundation": "What others stand on",
    "gpu": "GPUs",
    "network": "Network between nodes",
    "tuning": "Node tuning",
    "scheduling": "Scheduling and queues",
    "training": "Training",
    "serving": "Serving",
    "storage": "Storage",
    "monitoring": "Monitoring",
    "logging": "Logs",
    "policy": "Policy",
}
HEAD = """# Components

Everything that recipes install: what it is, which version, and in which recipes. Each page has the values that we set and why, the
options that fill others, what its health means, and what to know before an upgrade. How a component gets into this list is
told in [contributing-recipes](../contributing-recipes.md).
"""


def row(name, entry):
    version = know.version(entry)
    return (component.link(name, entry["displayName"]), component.summary(entry), code(version) if version else "–",
            component.brought_by(name))


def page():
    yield component.NOTE + "\n"
    yield HEAD
    rest = dict(know.registry())
    for topic, title in [*TOPICS.items(), (None, "Others")]:
        members = {name: entry for name, entry in rest.items() if entry.get("topic") == topic}
        if members:
            yield f"## {title}\n"
            yield from table(("component", "what it is", "version", "in recipes for"),
                             (row(name, entry) for name, entry in members.items()))
