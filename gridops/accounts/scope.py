"""What a person may see: pure values, computed once per request from the memberships of the day."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Scope:
    """The grids and units a person may see and the roles they hold. Nothing in it means nothing is visible."""

    everything: bool = False
    grid_ids: frozenset[int] = field(default_factory=frozenset)
    unit_ids: frozenset[int] = field(default_factory=frozenset)
    roles: frozenset[str] = field(default_factory=frozenset)

    def has(self, *roles: str) -> bool:
        """Whether the person holds one of ``roles``."""
        return not self.roles.isdisjoint(roles)
