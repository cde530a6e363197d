"""E-mail addresses, phone numbers, URLs and UUIDs: texts that must have a form; each is checked in linear time.

Only the form is checked: whether an address or a number can be reached, nobody knows before trying.
"""

import ipaddress
import re

from longshore.domain.cells.value_types import BadValue

EMAIL_OCTETS = 254
LOCAL_OCTETS = 64
HOST_OCTETS = 253
"""Limits of RFC 5321, sections 4.5.3.1.1 and 4.5.3.1.3 (less the angle brackets), and of RFC 1035, section 2.3.4."""

URL_LENGTH = 8000
"""What every recipient should support at least (RFC 9110, section 4.1)."""

_LETTER = r"[^\x00-/:-@\[-`{-\x7f]"
"""A letter or digit of ASCII, or any character beyond: a set that names those compiles a hundred times as long."""

_LABEL = rf"{_LETTER}++(?:-++{_LETTER}++)*+"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*+")
_ATOM = r"""[^\x00-\x20"(),.:;<>@\[\\\]\x7f]++"""
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*+")

PHONE = r"\+?(?:[0-9]++|\([0-9]++(?: [0-9]++)*+\)|(?<=[0-9)])[ ./-]{1,3}(?=[0-9(]))++"
"""Digits with punctuation between them, whatever their number."""

PHONE_PUNCTUATION = str.maketrans("", "", " ./-()")

_PHONE = re.compile(PHONE)
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_NATIONAL = re.compile(r"[0-9]{3,15}")
_URL = re.compile(
    r"([Hh][Tt][Tt][Pp][Ss]?)://(\[[0-9A-Fa-f:.]+\]|[^\[\]/?#:@]+)(?::([0-9]{1,5}))?([/?#].*)?", re.DOTALL
)
_NOT_IN_URL = re.compile(r'[\x00-\x20\x7f-\xa0<>"\\\u1680\u2000-\u200f\u2028-\u202f\u205f\u2060\u3000\ufeff]')
_NOT_IN_HOST = re.compile(r"[\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f\u2060\u3000\ufeff]")
_UUID = re.compile(
    r"(?:urn:uuid:)?(\{)?([0-9a-f]{8})(-?)([0-9a-f]{4})\3([0-9a-f]{4})\3([0-9a-f]{4})\3([0-9a-f]{12})(?(1)\})"
)


def email(text: str) -> str:
    """Return an address with its domain in lower case; raise BadValue.

    A documented part of RFC 5321 and RFC 6531: local part of atoms between dots, without quotes and comments; domain of
    at least two labels, no IP address. Letters beyond ASCII may stand in both.
    """
    local, _, domain = text.rpartition("@")
    if not _LOCAL.fullmatch(local) or not _is_host(domain) or "." not in domain or _NOT_IN_HOST.search(text):
        raise BadValue("NOT_AN_EMAIL")
    if domain.rpartition(".")[2].isdigit() or _octets(local) > LOCAL_OCTETS or _octets(text) > EMAIL_OCTETS:
        raise BadValue("NOT_AN_EMAIL")
    return f"{local}@{domain.lower()}"


def phone(text: str) -> str:
    """Return E.164 (+ and digits) for a number with +, else its digits alone; raise BadValue.

    Spaces, points, hyphens, slashes and brackets around digits are taken away. "+49 (0)30" is refused: whether that
    zero belongs to the number depends on the country.
    """
    if not _PHONE.fullmatch(text) or (text[0] == "+" and "(0" in text):
        raise BadValue("NOT_A_PHONE_NUMBER")
    number = text.translate(PHONE_PUNCTUATION)
    if not (_E164 if number[0] == "+" else _NATIONAL).fullmatch(number):
        raise BadValue("NOT_A_PHONE_NUMBER")
    return number


def url(text: str) -> str:
    """Return an absolute http or https URL, scheme and host in lower case; raise BadValue.

    The host is a name or an IP address; a user name or password before it is refused: URLs are shown and logged.
    """
    match = _URL.fullmatch(text) if len(text) <= URL_LENGTH and not _NOT_IN_URL.search(text) else None
    if not match or not (_is_host(match[2]) or _is_ipv6(match[2])) or int(match[3] or 0) > 65535:
        raise BadValue("NOT_A_URL")
    scheme, host, port, rest = match.groups()
    return f"{scheme.lower()}://{host.lower()}{'' if port is None else ':' + port}{rest or ''}"


def uuid(text: str) -> str:
    """Return a UUID in lower case with hyphens (RFC 9562, section 4); raise BadValue.

    It may be written in upper case, without any hyphen, in braces, or as urn:uuid:.
    """
    match = _UUID.fullmatch(text.lower()) if text.isascii() else None
    if not match:
        raise BadValue("NOT_A_UUID")
    return "-".join(match.group(2, 4, 5, 6, 7))


def _is_host(host: str) -> bool:
    if not _HOST.fullmatch(host) or _octets(host) > HOST_OCTETS or max(map(len, host.split("."))) > 63:
        return False
    if host.rpartition(".")[2].isdigit():
        return _is_ip(host, ipaddress.IPv4Address)
    return True


def _is_ipv6(host: str) -> bool:
    return host[0] == "[" and _is_ip(host[1:-1], ipaddress.IPv6Address)


def _is_ip(text: str, kind: type[ipaddress.IPv4Address] | type[ipaddress.IPv6Address]) -> bool:
    try:
        kind(text)
    except ValueError:
        return False
    return True


def _octets(text: str) -> int:
    return len(text.encode(errors="surrogatepass"))
