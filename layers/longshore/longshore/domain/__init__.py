"""The rules of importing, pure: no boto3, no I/O and no clock of its own."""
