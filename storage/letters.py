"""Posts that are owed, read back from what was stored of them."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import TypeAlias

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.domain.posts import Digest, PaperCard
from storage.rows import load_papers
from storage.texts import load_post, papers_in

Letter: TypeAlias = Digest | PaperCard

_MANY = 256


class Letters:
    """Equal ones are one object as long as their papers stay as they are, so that they need to be rendered once."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Letter] = OrderedDict()

    async def read(self, session: AsyncSession, payloads: Iterable[str]) -> dict[str, Letter]:
        """By payload, with their papers as they stand today."""
        wanted = dict.fromkeys(payloads)
        papers = await load_papers(session, (id for text in wanted for id in papers_in(text)))
        return {text: self._one(text, load_post(text, papers)) for text in wanted}

    def _one(self, text: str, letter: Letter) -> Letter:
        known = self._known.pop(text, letter)
        self._known[text] = letter = known if known == letter else letter
        if len(self._known) > _MANY:
            self._known.popitem(last=False)
        return letter
