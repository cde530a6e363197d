"""The only wiring: settings to adapters to the services that the steps ask for."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING

from longshore import collector
from longshore.settings import Settings, read_settings
from longshore.storage import clients

if TYPE_CHECKING:  # a cold start does not pay for what only annotations name
    from longshore.steps import ports
    from longshore.steps.mapping_port import Mappings
    from longshore.steps.record_port import Records
    from longshore.steps.report_port import Reports
    from longshore.steps.rule_function_port import RuleFunctions
    from longshore.steps.schedule_port import Schedules
    from longshore.steps.turn_port import Turns


def utc_now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


class AwsServices:
    """The ports on AWS; each adapter is imported and made when first asked for: a cold worker pays for its own only."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock: ports.Clock = utc_now
        self.sleep: ports.Sleep = time.sleep

    @cached_property
    def jobs(self) -> ports.Jobs:
        """Jobs, their history and parts."""
        from longshore.storage.jobs import JobStore

        s = self.settings
        return JobStore(clients.dynamodb(), s.jobs_table, s.catalog_table, s.upload_link_seconds)

    @cached_property
    def runs(self) -> ports.Runs:
        """Leases, locks, slots and workers."""
        from longshore.storage.runs import RunStore

        s = self.settings
        return RunStore(
            clients.dynamodb(), s.jobs_table, s.locks_table, s.catalog_table, self.clock, s.upload_link_seconds
        )

    @cached_property
    def leases(self) -> ports.Leases:
        """The half of the locks that a worker needs."""
        from longshore.storage.leases import LeaseStore

        return LeaseStore(clients.dynamodb(), self.settings.jobs_table, self.settings.locks_table, self.clock)

    @cached_property
    def batches(self) -> ports.Batches:
        """Batches of a job."""
        from longshore.storage.batches import BatchStore

        return BatchStore(clients.dynamodb(), self.settings.jobs_table)

    @cached_property
    def catalog(self) -> ports.Catalog:
        """Templates."""
        from longshore.storage.catalog import TemplateStore

        return TemplateStore(clients.dynamodb(), self.settings.catalog_table)

    @cached_property
    def mappings(self) -> Mappings:
        """What tenants confirmed about headers."""
        from longshore.storage.mappings import MappingStore

        return MappingStore(clients.dynamodb(), self.settings.catalog_table)

    @cached_property
    def records(self) -> Records:
        """The destination."""
        from longshore.storage.records import RecordStore

        return RecordStore(clients.dynamodb(), self.settings.records_table, self.clock)

    @cached_property
    def rule_functions(self) -> RuleFunctions:
        """Lambdas of the tenants."""
        from longshore.storage.rule_functions import LambdaRuleFunctions

        return LambdaRuleFunctions(clients.lambda_within)

    @cached_property
    def files(self) -> ports.Files:
        """Objects of both buckets."""
        from longshore.storage.files import FileStore

        return FileStore(clients.s3(), self.settings.uploads_bucket, self.settings.data_bucket)

    @cached_property
    def executions(self) -> ports.Executions:
        """Runs of the state machine."""
        from longshore.storage.executions import RunExecutions

        return RunExecutions(clients.stepfunctions(), self.settings.run_import_arn)

    @cached_property
    def turns(self) -> Turns:
        """Waits for the turn of a tenant's queued jobs."""
        from longshore.storage.executions import TurnExecutions

        return TurnExecutions(clients.stepfunctions(), self.settings.await_turn_arn)

    @cached_property
    def reports(self) -> Reports:
        """Reports of jobs."""
        from longshore.storage.reports import ReportStore

        s = self.settings
        return ReportStore(
            clients.dynamodb(), clients.s3(), clients.lambda_(), s.jobs_table, s.data_bucket, s.make_report_arn
        )

    @cached_property
    def schedules(self) -> Schedules:
        """Schedules and their firings."""
        from longshore.storage.schedule_entries import ScheduleEntries
        from longshore.storage.schedules import ScheduleStore

        s = self.settings
        entries = ScheduleEntries(
            clients.scheduler, s.schedule_group, s.run_schedule_arn, s.schedule_role_arn, s.dead_letter_arn
        )
        return ScheduleStore(clients.dynamodb(), s.catalog_table, entries)

    @cached_property
    def validations(self) -> ports.Validations:
        """ValidateUpload, asked for through Lambda."""
        from longshore.storage.validations import LambdaValidations

        return LambdaValidations(clients.lambda_(), self.settings.validate_upload_arn, self.clock)

    @cached_property
    def bus(self) -> ports.Bus:
        """What others may want to know."""
        from longshore.storage.bus import EventBus

        return EventBus(clients.events(), self.settings.bus_name)


@cache
def services() -> AwsServices:
    """Return the services of this process, made at the first call and kept while the Lambda is warm."""
    collector.begin()
    return AwsServices(read_settings())
