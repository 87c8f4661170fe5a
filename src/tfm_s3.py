"""The module name of the original design: S3 paths and their cache."""

from tfm.s3.cache import S3Cache
from tfm.s3.path import S3PathImpl
from tfm.s3.places import clear_s3_cache, configure_s3_cache, get_s3_cache, get_s3_cache_stats

__all__ = ["S3Cache", "S3PathImpl", "clear_s3_cache", "configure_s3_cache", "get_s3_cache", "get_s3_cache_stats"]
