"""The list prices of docs/cost.md, which is where they are kept, and what an import's counts cost at them."""

import re
from collections.abc import Mapping
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs/cost.md"
ROW = re.compile(r"^\| `([a-z0-9_]+)` \| ([0-9.]+) \| ([0-9,]+) [^|]*\|", re.MULTILINE)
"""A line of the table of list prices: name, dollars, per how many of what."""

SERVICE = {
    "write_units": "DynamoDB writes",
    "read_units": "DynamoDB reads",
    "s3_puts": "S3",
    "s3_gets": "S3",
    "state_transitions": "Step Functions",
    "lambda_gb_seconds": "Lambda",
    "lambda_requests": "Lambda",
    "events": "EventBridge",
}
"""What is charged for, and by which service."""


def list_prices(page: str | None = None) -> dict[str, float]:
    """Return dollars per single unit of everything in SERVICE; raises ValueError for a page that misses one."""
    text = PAGE.read_text(encoding="utf-8") if page is None else page
    prices = {name: float(dollars) / int(per.replace(",", "")) for name, dollars, per in ROW.findall(text)}
    if prices.keys() != SERVICE.keys():
        raise ValueError(f"{PAGE.name} must price {sorted(SERVICE)}, not {sorted(prices)}")
    return prices


def priced(usage: Mapping[str, float], prices: Mapping[str, float]) -> dict[str, float]:
    """Return the dollars of a usage (amounts by the names of SERVICE), by service."""
    dollars = dict.fromkeys(SERVICE.values(), 0.0)
    for name, service in SERVICE.items():
        dollars[service] += usage[name] * prices[name]
    return dollars
