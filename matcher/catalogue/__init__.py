"""The credentials: read from TOML or CSV, compiled once into SQLite, looked up by the skills they cover."""

from matcher.catalogue.check import validate
from matcher.catalogue.inventory import Catalogue, OutcomeRow, load
from matcher.catalogue.read import read_credentials

__all__ = ["Catalogue", "OutcomeRow", "load", "read_credentials", "validate"]
