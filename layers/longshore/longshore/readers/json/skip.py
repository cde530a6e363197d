"""Going past a JSON value that nobody asked for, however long, in flat memory."""

import re

from longshore.readers.json.text import JsonText

_TOKEN = re.compile(r'["{}\[\]]')
_STRING_REST = re.compile(r'(?:[^"\\]|\\.)*+', re.DOTALL)
_SCALAR = re.compile(r"[^,\]} \t\r\n]++")


def skip_long_value(window: JsonText) -> None:
    """Go past the value that begins here, told by quotes and brackets alone; raise FileRejected if it does not end."""
    depth = 0
    begun = window.place(window.at)
    while True:
        token = _TOKEN.search(window.text, window.at) if depth else _TOKEN.match(window.text, window.at)
        if token is None and depth:
            window.at = len(window.text)
        elif token is None:
            return _skip_scalar(window)
        else:
            window.at = token.end()
            if token[0] == '"':
                _skip_string(window)
            depth += (token[0] in "{[") - (token[0] in "}]")
            if not depth:
                return None
        if window.at == len(window.text) and not window.more():
            raise window.malformed(f"the value that begins in line {begun[0]}, column {begun[1]} does not end")


def _skip_string(window: JsonText) -> None:
    """Go past the rest of a string and its closing quote."""
    while True:
        rest = _STRING_REST.match(window.text, window.at)
        window.at = rest.end() if rest else window.at
        if window.takes('"'):
            return
        if not window.more():
            raise window.malformed("a string does not end")


def _skip_scalar(window: JsonText) -> None:
    while scalar := _SCALAR.match(window.text, window.at):
        window.at = scalar.end()
        if window.at < len(window.text) or not window.more():
            return
