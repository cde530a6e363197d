"""How a distributed Map fails: beyond its tolerance, which moto ignores, and for an unreadable manifest.

Source: AWS Step Functions Developer Guide, "Setting failure thresholds for Distributed Map states", "Handling errors".
"""

from moto.stepfunctions.parser.api import HistoryEventType, MapRunFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent, FailureEventException
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import StatesErrorNameType
from moto.stepfunctions.parser.asl.component.state.exec.state_map.item_reader.item_reader_decl import ItemReader
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.itemprocessor.map_run_record import (
    MapRunRecord,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails

from local.moto_corrections.patching import replace


def apply() -> None:
    """Let an ItemReader fail with States.ItemReaderFailed, whatever it stumbled over."""
    moto_read = ItemReader._eval_body

    def read_items(reader: ItemReader, env: Environment) -> None:
        try:
            moto_read(reader, env)
        except FailureEventException:
            raise
        except Exception as problem:  # a boundary: S3's and the parser's errors become the state's
            raise _failure(env, StatesErrorNameType.StatesItemReaderFailed, str(problem)) from problem

    replace(ItemReader, "_eval_body", read_items)


def exceeds_tolerance(record: MapRunRecord) -> bool:
    """Whether more children failed or timed out than the Map tolerates.

    moto has 0 both for "not given" and for 0: a 0 beside another threshold does not count, both 0 tolerate nothing.
    """
    failures = record.item_counter.failed.get() + record.item_counter.timed_out.get()
    count, percentage = record.tolerated_failure_count, record.tolerated_failure_percentage
    if not count and not percentage:
        return failures > 0
    share = 100.0 * failures / record.item_counter.total.get()
    return bool((count and failures > count) or (percentage and share > percentage))


def too_many_failures(env: Environment) -> FailureEventException:
    """The failure of a Map beyond its tolerance."""
    cause = "The specified tolerated failure threshold was exceeded"
    return _failure(env, StatesErrorNameType.StatesExceedToleratedFailureThreshold, cause)


def _failure(env: Environment, kind: StatesErrorNameType, cause: str) -> FailureEventException:
    name = StatesErrorName(typ=kind)
    details = MapRunFailedEventDetails(error=name.error_name, cause=cause)
    return FailureEventException(
        FailureEvent(
            env=env,
            error_name=name,
            event_type=HistoryEventType.MapRunFailed,
            event_details=EventDetails(mapRunFailedEventDetails=details),  # type: ignore[typeddict-item]
        )
    )
