"""The adapters to AWS: DynamoDB, S3, EventBridge and its Scheduler, Lambda and Step Functions.

Each is a plain class that implements one Protocol of steps/ports.py and is made by bootstrap.py alone:

    jobs.JobStore(client, jobs_table, catalog_table, upload_link_seconds)     ports.Jobs (its searches import PynamoDB)
    runs.RunStore(client, jobs_table, locks_table, catalog_table, clock,      ports.Runs (imports PynamoDB)
                  upload_link_seconds)
    leases.LeaseStore(client, jobs_table, locks_table, clock)                 ports.Leases: the half a worker needs
    batches.BatchStore(client, jobs_table)                                    ports.Batches
    catalog.TemplateStore(client, catalog_table)                              ports.Catalog
    mappings.MappingStore(client, catalog_table)                              mapping_port.Mappings
    records.RecordStore(client, records_table, clock)                         record_port.Records
    files.FileStore(client, uploads_bucket, data_bucket)                      ports.Files
    executions.RunExecutions(client, state_machine_arn)                       ports.Executions
    validations.LambdaValidations(client, function_arn, clock)                ports.Validations
    bus.EventBus(client, bus_name)                                            ports.Bus
    schedules.ScheduleStore(client, catalog_table, entries)                   schedule_port.Schedules

`client` is clients.dynamodb(), clients.s3(), clients.stepfunctions(), clients.lambda_() or clients.events(). Runs and
the searches of Jobs use PynamoDB, whose import and own client cost 0.1 s: what ValidateUpload and LoadBatch need uses
the low-level client.
"""
