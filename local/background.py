"""Work that nobody waits for: deliveries, asynchronous invocations and their retries, in a bounded number of threads.

Daemon threads instead of concurrent.futures: that module joins its threads before any exit handler runs, so a program
that leaves the embedded AWS running would hang at its end.
"""

import heapq
import itertools
import logging
import queue
import threading
import time
from collections.abc import Callable

Task = Callable[[], None]
log = logging.getLogger(__name__)


class Background:
    """Runs tasks now or later; `in_flight` counts those that wait, run, or are due later."""

    def __init__(self, threads: int = 64) -> None:
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._later: list[tuple[float, int, Task]] = []
        self._order = itertools.count()
        self._state = threading.Condition()
        self._free = 0
        self._started = 0
        self._threads = threads
        self._stopped = False
        self.in_flight = 0
        threading.Thread(target=self._release_due, name="background-timer", daemon=True).start()

    def submit(self, task: Task) -> None:
        """Run the task as soon as a thread is free."""
        with self._state:
            self.in_flight += 1
            self._enqueue(task)

    def submit_after(self, seconds: float, task: Task) -> None:
        """Run the task after so many seconds; until then it counts as in flight."""
        with self._state:
            self.in_flight += 1
            heapq.heappush(self._later, (time.monotonic() + seconds, next(self._order), task))
            self._state.notify_all()

    def stop(self) -> None:
        """Start no further task; those that run are left to end by themselves."""
        with self._state:
            self._stopped = True
            self._state.notify_all()
            for _ in range(self._started):
                self._tasks.put(None)

    def _enqueue(self, task: Task) -> None:
        if not self._free and self._started < self._threads and not self._stopped:
            self._started += 1
            threading.Thread(target=self._work, name=f"background-{self._started}", daemon=True).start()
        else:
            self._free = max(0, self._free - 1)
        self._tasks.put(task)

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None and not self._stopped:
            try:
                task()
            except Exception:  # a failed delivery must not end the thread that makes the next one
                if not self._stopped:
                    log.exception("a background task of the embedded AWS failed")
            finally:
                with self._state:
                    self.in_flight -= 1
                    self._free += 1

    def _release_due(self) -> None:
        with self._state:
            while not self._stopped:
                now = time.monotonic()
                while self._later and self._later[0][0] <= now:
                    self._enqueue(heapq.heappop(self._later)[2])
                self._state.wait(self._later[0][0] - now if self._later else None)
