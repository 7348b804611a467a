"""Many postings: in chunks, over processes, into Parquet; the only place that knows about processes."""

from matcher.runner.folder import BatchResult, batch

__all__ = ["BatchResult", "batch"]
