"""The skills inventory: read from CSV, compiled once into SQLite, looked up a word at a time."""

from matcher.taxonomy.check import validate
from matcher.taxonomy.inventory import Brief, Phrase, Taxonomy, load
from matcher.taxonomy.read import read_skills

__all__ = ["Brief", "Phrase", "Taxonomy", "load", "read_skills", "validate"]
