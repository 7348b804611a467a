"""Many postings: in chunks, over processes, into Parquet; the only place that knows about processes."""

from matcher.runner.batch import BatchResult, batch
from matcher.runner.chunk import Job, score

__all__ = ["BatchResult", "Job", "batch", "score"]
