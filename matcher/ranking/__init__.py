"""Requirements × catalogue -> ranking; pure functions, every number in `matcher.ranking.policy`."""

from matcher.ranking.directness import Ranking, asked_for, by_unit, rank
from matcher.ranking.filters import Filters
from matcher.ranking.policy import DEFAULT, Policy
from matcher.ranking.weights import apply_have, standing, weigh

__all__ = ["DEFAULT", "Filters", "Policy", "Ranking", "apply_have", "asked_for", "by_unit", "rank", "standing", "weigh"]
