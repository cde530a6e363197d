"""Reports: how each stands is an item beside its job, its content an object of the data bucket."""

from typing import TYPE_CHECKING, BinaryIO

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from longshore.domain.report import Report, ReportStatus
from longshore.messages import ReportRequest
from longshore.storage.job_keys import job_pk
from longshore.storage.translate import aws_errors, error_code

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client

IN_PARTS = TransferConfig(max_concurrency=2)
"""Of 8 MiB each, two at a time: memory stays flat."""

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}

# Nobody has asked, or what is there counts no more: an expired report, a maker past its time, a failure of long ago.
NOT_THERE = "attribute_not_exists(pk)"
COUNTS_NO_MORE = "until_ms < :now"


class ReportStore:
    """The Reports of steps/report_port.py."""

    def __init__(
        self,
        dynamodb: "DynamoDBClient",
        s3: "S3Client",
        lambda_client: "LambdaClient",
        jobs_table: str,
        data_bucket: str,
        function_arn: str,
    ) -> None:
        self._dynamodb = dynamodb
        self._s3 = s3
        self._lambda = lambda_client
        self._table = jobs_table
        self._bucket = data_bucket
        self._function = function_arn

    def find(self, request: ReportRequest) -> Report | None:
        """Return the report as it stands, read consistently, None where nobody has asked for it."""
        with aws_errors(f"read the report of job {request.job_id}"):
            answer = self._dynamodb.get_item(TableName=self._table, Key=_key(request), ConsistentRead=True)
        item = answer.get("Item")
        if item is None:
            return None
        return Report(
            status=ReportStatus(item["status"]["S"]),
            until=int(item["until_ms"]["N"]),
            key=item["object_key"]["S"],
            file_name=item["file_name"]["S"],
            rows=int(item["rows"]["N"]),
            message=item["message"]["S"],
        )

    def claim(self, request: ReportRequest, until: int, now: int) -> bool:
        """Write that it is being made until then, unless there is one that counts; say whether that was written."""
        making = Report(ReportStatus.MAKING, until)
        with aws_errors(f"claim the report of job {request.job_id}"):
            try:
                self._dynamodb.put_item(
                    TableName=self._table,
                    Item=_item(request, making),
                    ConditionExpression=f"{NOT_THERE} OR {COUNTS_NO_MORE}",
                    ExpressionAttributeValues={":now": {"N": str(now)}},
                )
            except ClientError as error:
                if error_code(error) != "ConditionalCheckFailedException":
                    raise
                return False
        return True

    def put(self, request: ReportRequest, report: Report) -> None:
        """Write what became of it; of two that were made of one version each is as good as the other."""
        with aws_errors(f"write the report of job {request.job_id}"):
            self._dynamodb.put_item(TableName=self._table, Item=_item(request, report))

    def ask(self, request: ReportRequest) -> None:
        """Have it made, asynchronously: Lambda tries again what fails."""
        with aws_errors(f"ask for the report of job {request.job_id}"):
            self._lambda.invoke(
                FunctionName=self._function, InvocationType="Event", Payload=request.model_dump_json().encode()
            )

    def upload(self, key: str, content: BinaryIO) -> None:
        """Write an object from a file."""
        kind = CONTENT_TYPES[key.rpartition(".")[2]]
        with aws_errors(f"write {key}"):
            self._s3.upload_fileobj(content, self._bucket, key, ExtraArgs={"ContentType": kind}, Config=IN_PARTS)

    def link(self, report: Report, seconds: int) -> str:
        """Return a presigned URL; a browser saves what it leads to under the report's name."""
        disposition = f'attachment; filename="{report.file_name}"'
        with aws_errors("sign a download link"):
            return self._s3.generate_presigned_url(
                "get_object",
                Params={"Bucket": self._bucket, "Key": report.key, "ResponseContentDisposition": disposition},
                ExpiresIn=seconds,
            )


def _key(request: ReportRequest) -> "dict[str, AttributeValueTypeDef]":
    return {
        "pk": {"S": job_pk(request.tenant, request.job_id)},
        "sk": {"S": f"report#{request.version:06d}#{request.format}"},
    }


def _item(request: ReportRequest, report: Report) -> "dict[str, AttributeValueTypeDef]":
    return {
        **_key(request),
        "status": {"S": report.status},
        "until_ms": {"N": str(report.until)},
        "object_key": {"S": report.key},
        "file_name": {"S": report.file_name},
        "rows": {"N": str(report.rows)},
        "message": {"S": report.message},
    }
