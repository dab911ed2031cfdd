"""Group commit: what comes while a transaction is under way is written in the next one, all of it at once."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeAlias, TypeVar

T = TypeVar("T")
R = TypeVar("R")
_Waiting: TypeAlias = tuple[T, asyncio.Future[R]]

_IN_A_ROW = 2


class Together(Generic[T, R]):
    """Writes items of many callers in one transaction; each caller waits until its own is on disk.

    In the order they came, and no two with the same name in one transaction.
    """

    def __init__(
        self,
        write: Callable[[Sequence[T]], Awaitable[Sequence[R]]],
        name: Callable[[T], Hashable],
        most: int = 256,
    ) -> None:
        """`write` gives a result for each item, in their order; `most` is how many it is given at once."""
        self._write = write
        self._name = name
        self._most = most
        self._waiting: list[_Waiting[T, R]] = []
        self._writer: asyncio.Task[None] | None = None

    async def add(self, item: T) -> R:
        """What came of it, once it is written. Whoever is cancelled meanwhile may find it written all the same."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._run())
        return await future

    async def rest(self) -> None:
        """Until nothing is under way."""
        if self._writer:
            await asyncio.wait([self._writer])

    async def _run(self) -> None:
        while self._waiting:
            batch = self._next()
            try:
                await self._write_down(batch)
            except Exception as e:  # noqa: BLE001 -- it is raised to those whom it concerns
                if len(batch) > 1:
                    await self._one_by_one(batch)
                else:
                    _fail(batch, e)

    async def _write_down(self, batch: Sequence[_Waiting[T, R]]) -> None:
        results = await self._write([item for item, _ in batch])
        for (_, future), result in zip(batch, results, strict=True):
            if not future.done():
                future.set_result(result)

    async def _one_by_one(self, batch: Sequence[_Waiting[T, R]]) -> None:
        """What cannot be written spoils it for nobody else. When two in a row fail, it is the database that ails."""
        failed = 0
        for number, one in enumerate(batch):
            try:
                await self._write_down([one])
            except Exception as e:  # noqa: BLE001 -- as above
                failed += 1
                _fail([one] if failed < _IN_A_ROW else batch[number:], e)
                if failed == _IN_A_ROW:
                    return
            else:
                failed = 0

    def _next(self) -> list[_Waiting[T, R]]:
        names: set[Hashable] = set()
        for item, _ in self._waiting[: self._most]:
            if (name := self._name(item)) in names:
                break
            names.add(name)
        batch, self._waiting = self._waiting[: len(names)], self._waiting[len(names) :]
        return batch


def _fail(batch: Sequence[_Waiting[T, R]], error: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
