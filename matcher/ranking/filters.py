"""Which credentials may stand in a ranking."""

from __future__ import annotations

from dataclasses import dataclass

from matcher.types import Credential

_PRACTICAL = frozenset({"project", "portfolio", "practical"})


@dataclass(frozen=True)
class Filters:
    """Limits on credentials; what is not known passes no limit that asks for it.

    Examples
    --------
    >>> Filters(max_hours=10).allows(Credential("a", "A", hours=12))
    False
    >>> Filters().allows(Credential("a", "A"))
    True
    """

    max_hours: float | None = None
    max_cost: float | None = None
    issuer_kind: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    online: bool = False
    practical: bool = False

    def allows(self, credential: Credential) -> bool:
        """Whether `credential` is within all limits."""
        if self.max_hours is not None and (credential.hours is None or credential.hours > self.max_hours):
            return False
        if self.max_cost is not None and (credential.cost is None or credential.cost > self.max_cost):
            return False
        if self.issuer_kind and credential.issuer_kind not in self.issuer_kind:
            return False
        if self.type and credential.type not in self.type:
            return False
        if self.language and not set(self.language) & set(credential.language):
            return False
        if self.country and credential.country and not set(self.country) & set(credential.country):
            return False
        if self.online and "online" not in credential.mode:
            return False
        return not self.practical or bool(_PRACTICAL & set(credential.assessment))
