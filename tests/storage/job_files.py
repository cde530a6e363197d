"""Two templates, of which one depends on the other, and files for them: each content is another one."""

import io
import zipfile
from hashlib import sha256

ITEM = {
    "name": "item",
    "title": "Items",
    "record_type": "item",
    "key": ["code"],
    "max_rejected_percent": 60,
    "fields": [{"name": "code", "required": True}, {"name": "n", "type": "integer"}],
}
PET = {**ITEM, "name": "pet", "title": "Pets", "record_type": "pet", "depends_on": ["item"]}


def zipped(members: dict[str, bytes]) -> bytes:
    """Return an archive that is the same bytes every time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


MEMBERS = {"a/pet.csv": b"code,n\nA,5\nP,6\nQ,x\n", "b/item.csv": b"code,n\nA,9\nH,9\nI,9\n"}
"""Records of both types, one of them with the same key in each; two batches of items, one of pets."""

FILES = {
    "five": b"code,n\nA,1\nB,2\nC,3\nD,4\nE,5\n",
    "others": b"code,n\nA,7\nB,8\nF,9\n",
    "one bad": b"code,n\nA,1\nB,x\nC,3\nG,4\n",
    "all bad": b"code,n\nA,x\nB,y\n",
    "no rows": b"code,n\n",
    "both": zipped(MEMBERS),
}


def _rows(*texts: bytes) -> int:
    return sum(text.count(b"\n") - 1 for text in texts)


ROWS = {sha256(file).hexdigest(): _rows(file) for file in FILES.values()}
ROWS[sha256(FILES["both"]).hexdigest()] = _rows(*MEMBERS.values())
