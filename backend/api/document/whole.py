"""All that is added to the document, in its order."""

import json
import re
from collections.abc import Iterable
from typing import Final

from backend.api.document.examples import compose
from backend.api.document.formats import add_formats
from backend.api.document.meanings import Node, describe
from backend.api.stored import INCOMPLETE, MEANINGS

_SHEETS: Final = ("FactSheet", "BriefFacts")


def fill(document: Node) -> None:
    """Add meanings, then the examples that are made of them."""
    schemas = document["components"]["schemas"]
    for name in (*INCOMPLETE, *_parts(schemas, _SHEETS)):
        schemas[name].pop("required", None)
    for name, meaning in MEANINGS.items():
        schemas[name]["description"] = meaning
    add_formats(document)
    describe(document)
    compose(document)


def _parts(schemas: Node, names: Iterable[str]) -> set[str]:
    """The named schemas and all that they refer to."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += re.findall(r"#/components/schemas/(\w+)", json.dumps(schemas[name]))
    return found
