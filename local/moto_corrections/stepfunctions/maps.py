"""Map states of any length, with a bounded number of threads.

moto's workers call themselves once per item, which hangs for ever at about 1,000 items per worker, and it starts one
worker per item where MaxConcurrency is not given.
Source: AWS Step Functions Developer Guide, "Using Map state in Inline mode", "Using Map state in Distributed mode".
"""

import datetime
from typing import Any
from weakref import WeakKeyDictionary

from moto.stepfunctions.parser.api import MapRunStatus
from moto.stepfunctions.parser.asl.component.common.timeouts.timeout import EvalTimeoutError
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.distributed_iteration_component import (
    DistributedIterationComponent,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.inline_iteration_component import (
    InlineIterationComponent,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.itemprocessor import (
    distributed_item_processor_worker as distributed,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.itemprocessor.map_run_record import (
    MapRunRecord,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.iteration_worker import IterationWorker
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.job import Job, JobPool
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.program_state import ProgramEnded, ProgramStopped, ProgramTimedOut
from moto.stepfunctions.parser.asl.eval.states import ItemData, MapData

from local.moto_corrections.patching import replace
from local.moto_corrections.stepfunctions.map_failures import exceeds_tolerance, too_many_failures

INLINE_CONCURRENCY = 40
"""AWS runs up to 40 iterations of an inline Map at once."""
DISTRIBUTED_CONCURRENCY = 64
"""AWS runs up to 10,000 children at once; three threads per child are what one process can bear of them."""
OUTCOMES = {ProgramEnded: "succeeded", ProgramStopped: "aborted", ProgramTimedOut: "timed_out"}

DistributedWorker = distributed.DistributedItemProcessorWorker
outcomes: WeakKeyDictionary[MapRunRecord, dict[int, tuple[str, Any, Any]]] = WeakKeyDictionary()
"""Of each Map run: index of the child to (outcome, input, output); what a ResultWriter writes."""


def apply() -> None:
    """Correct Map states."""
    replace(IterationWorker, "_eval_pool", run_iterations)
    replace(DistributedWorker, "_eval_pool", run_children)
    replace(DistributedWorker, "_eval_job", run_child)
    replace(DistributedIterationComponent, "_map_run", map_run)
    moto_inline, moto_distributed = InlineIterationComponent._eval_body, DistributedIterationComponent._eval_body

    def inline(component: InlineIterationComponent, env: Environment) -> None:
        eval_input = env.stack[-1]
        eval_input.max_concurrency = _workers(eval_input.max_concurrency, eval_input.input_items, INLINE_CONCURRENCY)
        moto_inline(component, env)

    def distributed_body(component: DistributedIterationComponent, env: Environment) -> None:
        record = env.stack[-1].map_run_record
        try:
            moto_distributed(component, env)
        finally:
            if not env.is_running():
                record.set_stop(status=MapRunStatus.ABORTED)

    replace(InlineIterationComponent, "_eval_body", inline)
    replace(DistributedIterationComponent, "_eval_body", distributed_body)


def _workers(max_concurrency: int, items: list[Any], limit: int) -> int:
    """How many workers to start; 0 as MaxConcurrency means as many as there may be."""
    return max(1, min(max_concurrency or limit, limit, len(items)))


def run_iterations(worker: Any, job: Job | None, worker_frame: Environment) -> None:
    """Evaluate iterations of an inline Map, one after the other, until none is left or one failed."""
    while job is not None:
        frame = worker_frame.open_inner_frame()
        worker._eval_job(env=frame, job=job)
        worker_frame.close_frame(frame)
        failed = isinstance(job.job_output, Exception) or worker.stopped()
        following = None if failed else worker._job_pool.next_job()
        if following is None:
            if not failed:
                # The events of the state after the Map follow those of its last iteration.
                last = frame.event_history_context.last_published_event_id
                worker_frame.event_history_context.source_event_id = last
            # The frame is closed before the job: the Map goes on as soon as its last job is closed.
            worker._env.close_frame(worker_frame)
            worker._job_pool.close_job(job)
            return
        worker._job_pool.close_job(job)
        job = following
    worker._env.close_frame(worker_frame)


def run_children(worker: Any, job: Job | None, worker_frame: Environment) -> None:
    """Evaluate children of a distributed Map, one after the other, until none is left or the Map has failed."""
    while job is not None:
        frame = worker_frame.open_inner_frame()
        worker._eval_job(env=frame, job=job)
        worker_frame.delete_frame(frame)
        over = isinstance(job.job_output, Exception) or worker.stopped()
        following = None if over else worker._job_pool.next_job()
        worker._job_pool.close_job(job)
        job = following


def map_run(component: DistributedIterationComponent, env: Environment, eval_input: Any) -> None:
    """Run all children of a distributed Map; raises FailureEventException when too many of them failed."""
    items = env.stack.pop()
    record: MapRunRecord = eval_input.map_run_record
    outcomes[record] = {}
    for counter in (record.item_counter, record.execution_counter):
        counter.total.count(len(items))
        counter.pending.count(len(items))
    pool = JobPool(job_program=component._get_iteration_program(), job_inputs=items)
    for _ in range(_workers(record.max_concurrency, items, DISTRIBUTED_CONCURRENCY)):
        component._launch_worker(env=env, eval_input=eval_input, job_pool=pool)
    pool.await_jobs()
    failure = pool.get_worker_exception()
    if failure is not None:
        raise failure
    env.stack.append([closed.job_output for closed in pool.get_closed_jobs()])


def run_child(worker: Any, env: Environment, job: Job) -> None:
    """Evaluate one child and count its outcome; its failure is the Map's only beyond the tolerance."""
    record: MapRunRecord = worker._map_run_record
    counters = (record.item_counter, record.execution_counter)
    for counter in counters:
        counter.pending.count(-1)
        counter.running.count()
    outcome = _evaluate(worker, env, job)
    job.job_output = env.states.get_input() if outcome == "succeeded" else None
    outcomes[record][job.job_index] = (outcome, job.job_input, job.job_output)
    for counter in counters:
        counter.running.count(-1)
        getattr(counter, outcome).count()
    if exceeds_tolerance(record):
        job.job_output = too_many_failures(worker._env)
        _abort_the_others(worker._env)


def _evaluate(worker: Any, env: Environment, job: Job) -> str:
    if not env.is_running():
        return "aborted"
    try:
        context = env.states.context_object.context_object_data
        context["Map"] = MapData(Item=ItemData(Index=job.job_index, Value=job.job_input))
        env.states.reset(job.job_input)
        env.stack.append(env.states.get_input())
        worker._eval_input(env_frame=env)
        job.job_program.eval(env)
    except EvalTimeoutError:
        return "timed_out"
    except Exception:
        return "failed"
    return OUTCOMES.get(type(env.program_state()), "failed")


def _abort_the_others(env: Environment) -> None:
    now = datetime.datetime.now(tz=datetime.UTC)
    for frame in list(env._frames):
        frame.set_stop(stop_date=now, cause=None, error=None)
