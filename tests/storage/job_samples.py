"""The template and the files of the jobs that JobLife makes, and what run_import does to a batch that it gives up."""

import json
from pathlib import Path
from typing import Any

import hypothesis.strategies as st

TEMPLATE = {
    "name": "item",
    "title": "Items",
    "record_type": "item",
    "key": ["code"],
    "max_rejected_percent": 60,
    "fields": [{"name": "code", "required": True}, {"name": "n", "type": "integer"}],
}
FILES = {
    "five": b"code,n\nA,1\nB,2\nC,3\nD,4\nE,5\n",
    "three others": b"code,n\nA,7\nB,8\nF,9\n",
    "one bad": b"code,n\nA,1\nB,x\nC,3\nG,4\n",
    "all bad": b"code,n\nA,x\nB,y\n",
    "no rows": b"code,n\n",
}
FILE = st.sampled_from(["five", "five", "three others", "three others", "one bad", "all bad", "no rows"])
MACHINE = Path(__file__).parents[2] / "statemachines" / "run_import.asl.json"


def mark_batch_failed() -> dict[str, Any]:
    """Return the expressions by which run_import marks a batch."""
    machine = json.loads(MACHINE.read_text().replace("${LoadBatchTaskTimeout}", "60"))
    level = machine["States"]["LoadLevels"]["ItemProcessor"]["States"]["LoadLevel"]
    parameters = level["ItemProcessor"]["States"]["MarkBatchFailed"]["Parameters"]
    return {name: parameters[name] for name in parameters if name.endswith(("Expression", "AttributeNames"))}
