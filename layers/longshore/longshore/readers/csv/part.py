"""A CSV file, or a member of an archive that is one, as a part of an upload."""

from collections.abc import Iterator, Set

from longshore.domain.chunk import Chunk
from longshore.domain.parse_plan import ParsePlan
from longshore.domain.templates.file_options import FileOptions
from longshore.readers.csv.plan import SAMPLE_BYTES, detect_unmapped_plan
from longshore.readers.csv.reader import read_rows
from longshore.readers.reports.report_options import text_options
from longshore.readers.stream import HeadedStream


class CsvPart:
    """A PartSource over a stream of CSV."""

    def __init__(self, stream: HeadedStream, name: str = "") -> None:
        self.name = name
        self._stream = stream

    def unmapped_plan(self, options: FileOptions, wanted: Set[str]) -> ParsePlan:
        """Find out how the stream is read from its first bytes; raise FileRejected."""
        sample, complete = self._stream.head(SAMPLE_BYTES)
        return detect_unmapped_plan(sample, complete, text_options(sample, options), wanted)

    def read(self, plan: ParsePlan) -> Iterator[Chunk]:
        """Read every row; raise FileRejected."""
        return read_rows(self._stream, plan)
