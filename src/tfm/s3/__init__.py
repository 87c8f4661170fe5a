"""S3 as a storage: the client protocol, the boto3 client behind it, the cache around it, and the paths on top."""
