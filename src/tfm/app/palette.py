"""The command palette's source: the registry."""

from __future__ import annotations

from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tfm.app.actions import Action, actions
from tfm.app.screens.main import MainScreen


class ActionProvider(Provider):
    """Offers every action of the file list by its title."""

    def _command(self, action: Action) -> partial[None]:
        screen = self.screen
        assert isinstance(screen, MainScreen)
        return partial(screen.run, action)

    async def discover(self) -> Hits:
        """Offer all actions before anything is typed."""
        for each in actions("files"):
            yield DiscoveryHit(each.title, self._command(each), help=each.shown_keys or None)

    async def search(self, query: str) -> Hits:
        """Offer the actions whose title or name matches.

        Args:
            query: What was typed.
        """
        matcher = self.matcher(query)
        for each in actions("files"):
            score = matcher.match(each.title)
            if score > 0:
                yield Hit(score, matcher.highlight(each.title), self._command(each), help=each.shown_keys or None)
