"""Putting a correction in the place of something of moto's."""

import sys
from typing import Any


def replace(owner: Any, name: str, correction: Any) -> None:
    """Put `correction` in the place of the attribute `name` of a class or module of moto.

    Raises AttributeError when moto has no such attribute: the correction would silently do nothing.
    """
    getattr(owner, name)
    setattr(owner, name, correction)


def replace_imported(package: str, name: str, original: Any, correction: Any) -> None:
    """Put `correction` in the place of `original` in every loaded module below `package` that imported it by name."""
    for module_name, module in list(sys.modules.items()):
        if module_name.startswith(package) and getattr(module, name, None) is original:
            setattr(module, name, correction)
