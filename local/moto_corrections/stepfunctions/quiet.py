"""What executions leave behind: no dump of the syntax tree per failed state, no list of all threads ever started."""

import logging
from typing import Any

from moto.stepfunctions.parser import utils
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.eval_component import EvalComponent

from local.moto_corrections.patching import replace, replace_imported

LOG = logging.getLogger(__name__)


class _NothingKept(list[Any]):
    """A list that stays empty: moto appends every thread and never looks at them again."""

    def append(self, _: Any) -> None:
        """Keep nothing."""


def apply() -> None:
    """Log one line per failure, at debug level; moto's program still logs what it did not expect as an error."""

    def log_failure(component: EvalComponent, failure_event_exception: FailureEventException) -> None:
        pair = failure_event_exception.extract_error_cause_pair()
        LOG.debug("%s failed: %s", type(component).__name__, pair)

    def log_exception(component: EvalComponent, exception: Exception) -> None:
        LOG.debug("%s raised %s: %s", type(component).__name__, type(exception).__name__, exception)

    replace(EvalComponent, "_log_failure_event_exception", log_failure)
    replace(EvalComponent, "_log_exception", log_exception)
    replace_imported("moto.stepfunctions.", "TMP_THREADS", utils.TMP_THREADS, _NothingKept())
