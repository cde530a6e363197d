"""What an import takes of AWS, counted, and what that costs: files of new, unchanged, changed and mixed rows.

Counts are per 1,000 rows by table and operation, and by the function that caused them; prices are per million rows at
the list prices of docs/cost.md, beside the floor: one write unit per changed row.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from tests.benchmarks.figures import Figure
from tests.benchmarks.imports import Contact, Import, Importer, importer
from tests.benchmarks.prices import list_prices, priced
from tests.benchmarks.sample_records import contact

ROWS = 20_000
BATCH = 1_000
LOOK = 100
"""Rows that LoadBatch looks at before it chooses (steps/loading.py)."""
MISJUDGED_ROWS = 5_000
MINUTES_OF_A_MONTH = 730 * 60
TARGET = 1.15
"""Price of new rows as a multiple of the floor."""


def files() -> Iterator[tuple[str, Sequence[Contact]]]:
    """Yield the name and the rows of each file; they are loaded in this order, each on what the former left."""
    rows = [contact(number) for number in range(ROWS)]
    yield "new", rows
    yield "unchanged", rows[::-1]  # other bytes, or the file would be refused as imported already
    changed = [moved(row) for row in rows]
    yield "changed", changed
    later = [contact(number) for number in range(ROWS, ROWS + ROWS // 4)]
    of_each = (later, [contact(n) for n in range(0, ROWS, 4)], changed[1::4], changed[2::4])
    yield "mixed", [row for four in zip(*of_each, strict=True) for row in four]  # new, changed, two unchanged


def misjudged() -> tuple[Sequence[Contact], Sequence[Contact]]:
    """Return what is there, and a file that looks new at the beginning of each batch and then is not."""
    there = [contact(number) for number in range(MISJUDGED_ROWS)]
    unseen = iter(range(MISJUDGED_ROWS, 2 * MISJUDGED_ROWS))
    return there, [contact(next(unseen)) if n % BATCH < LOOK else row for n, row in enumerate(there)]


def moved(row: Contact) -> Contact:
    """Return a contact with one other value."""
    return {**row, "city": "Wien"}


def call_figures(done: Import) -> Iterator[Figure]:
    """Yield the calls per 1,000 rows: by service, by table and operation, by function."""
    thousand = done.rows / 1000
    for service, target in {"dynamodb": "<= 60", "s3": "<= 4"}.items():
        yield Figure(f"calls.{service}", done.count(service) / thousand, "per 1,000 rows", target)
    counts: Counter[str] = Counter()
    for call in done.calls:
        if call.service in ("dynamodb", "s3"):
            counts[f"{'+'.join(call.targets)}.{call.operation}"] += 1
        counts[f"by_function.{call.caller}"] += 1
    for name, count in sorted(counts.items()):
        yield Figure(f"calls.{name}", count / thousand, "per 1,000 rows")


def unit_figures(done: Import) -> Iterator[Figure]:
    """Yield write and read units per 1,000 rows by table and operation, and the Records table's per row."""
    thousand, changed = done.rows / 1000, done.counts["loaded"]
    writes: Counter[str] = Counter()
    reads: Counter[str] = Counter()
    for call in done.calls:
        writes += Counter({f"{name}.{call.operation}": units for name, units in call.write_units.items()})
        reads += Counter({f"{name}.{call.operation}": units for name, units in call.read_units.items()})
    for name, units in sorted(writes.items()):
        yield Figure(f"write_units.{name}", units / thousand, "per 1,000 rows")
    for name, units in sorted(reads.items()):
        yield Figure(f"read_units.{name}", units / thousand, "per 1,000 rows")
    records = done.write_units["Records"]
    if changed:
        yield Figure("write_units.records", records / changed, "per changed row", "<= 1.05")
    else:
        yield Figure("write_units.records", records / done.rows, "per unchanged row", "== 0")


def price_figures(kind: str, done: Import) -> Iterator[Figure]:
    """Yield the price of a million rows by service, the floor, and the multiple of it."""
    prices = list_prices()
    million = 1_000_000 / done.rows
    dollars = {service: value * million for service, value in priced(done.usage(), prices).items()}
    total, floor = sum(dollars.values()), done.counts["loaded"] * million * prices["write_units"]
    for service, value in dollars.items():
        yield Figure(f"price.{service.replace(' ', '_').lower()}", value, "$ per million rows")
    yield Figure("price.total", total, "$ per million rows")
    yield Figure("price.floor", floor, "$ per million rows")
    if floor:
        yield Figure("price.x_floor", total / floor, "x floor", f"<= {TARGET}" if kind == "new" else "")
    batches, memory = len(done.durations["LoadBatch"]), done.memory_gb["LoadBatch"]
    seconds = sum(done.durations["LoadBatch"]) / batches
    yield Figure("price.load_batch", seconds, "s a batch, measured")
    if kind == "new":
        # The embedded AWS answers at its own speed: so long may a batch take before the target is missed.
        a_second = batches * million * memory * prices["lambda_gb_seconds"]
        yield Figure("price.load_batch_limit", seconds + (TARGET * floor - total) / a_second, "s a batch")


def standing_figures(on: Importer) -> Iterator[Figure]:
    """Yield what a month without imports costs: Sweep, every minute."""
    swept = on.sweep({"time": datetime.now(UTC).isoformat()})
    dollars = sum(priced(swept.usage(), list_prices()).values())
    yield Figure("price.standing.sweep", dollars * MINUTES_OF_A_MONTH, "$ a month")


def measure() -> list[Figure]:
    """Return the figures of each kind of file."""
    figures: list[Figure] = []
    with importer() as on:
        on.new_tenant("kinds")
        done = {kind: on.load("kinds", rows) for kind, rows in files()}
        on.new_tenant("misjudged")
        there, file = misjudged()
        on.load("misjudged", there)
        done["misjudged"] = on.load("misjudged", file)
        for kind, one in done.items():
            found = [*call_figures(one), *unit_figures(one), *price_figures(kind, one)]
            # A look that was mistaken is shown, and nothing is promised for it.
            figures += [replace(f, column=kind, target="" if kind == "misjudged" else f.target) for f in found]
        return [*figures, *standing_figures(on)]
