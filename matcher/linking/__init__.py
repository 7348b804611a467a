"""Words -> skills of the taxonomy in use: ranked, with the chance of being right, or none."""

from matcher.linking.linker import Link, Linker, link

__all__ = ["Link", "Linker", "link"]
