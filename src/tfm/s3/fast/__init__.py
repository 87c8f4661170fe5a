"""The fast engine: the hot verbs of S3 signed and sent by ourselves, with botocore as the judge of who and where."""
