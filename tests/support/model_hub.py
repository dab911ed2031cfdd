"""The Hugging Face Hub on loopback, as far as models go: lists, small files as they are, large ones from another address."""

import asyncio
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from aiohttp import web

COMMIT = "c" * 40
LARGE = ".onnx"


class ModelHub:
    """`files` by repository and path. `asked` has every request, `tokens` what each was signed with."""

    def __init__(self) -> None:
        self.files: dict[str, dict[str, bytes]] = {}
        self.asked: list[str] = []
        self.tokens: dict[str, str] = {}
        self.status = 200
        self.spoil: Callable[[bytes], bytes] = lambda content: content
        """What becomes of large files on their way."""
        self.said: Callable[[dict[str, Any]], Any] = lambda answer: answer
        """What becomes of lists."""
        self.gate: asyncio.Event | None = None
        """Large files wait for it."""
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._noted])
        app.router.add_get("/api/models/{owner}/{name}/revision/{revision}", self._list)
        app.router.add_get("/{owner}/{name}/resolve/{revision}/{path:.+}", self._resolve)
        app.router.add_get("/cdn/{sum}", self._large)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}"
        self._other = f"http://localhost:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner:
            await self._runner.cleanup()

    def take(self, repo: str, folder: Path) -> None:
        """Offer what is in a folder."""
        found = (path for path in folder.rglob("*") if path.is_file())
        self.files[repo] = {
            path.relative_to(folder).as_posix(): path.read_bytes() for path in found
        }

    @web.middleware
    async def _noted(
        self, request: web.Request, handler: Callable[[web.Request], Any]
    ) -> web.StreamResponse:
        self.asked.append(request.path)
        self.tokens[request.path] = request.headers.get("Authorization", "")
        if self.status != 200:
            raise _error(self.status)
        answer: web.StreamResponse = await handler(request)
        return answer

    async def _list(self, request: web.Request) -> web.Response:
        files = self._of(request)
        answer = {"sha": COMMIT, "siblings": [_sibling(*item) for item in sorted(files.items())]}
        return web.json_response(self.said(answer))

    async def _resolve(self, request: web.Request) -> web.Response:
        content = self._of(request).get(request.match_info["path"])
        if content is None:
            raise web.HTTPNotFound
        if not request.match_info["path"].endswith(LARGE):
            return web.Response(body=content)
        sum = hashlib.sha256(content).hexdigest()
        raise web.HTTPFound(f"{self._other}/cdn/{sum}")

    async def _large(self, request: web.Request) -> web.Response:
        if self.gate:
            await self.gate.wait()
        everything = (content for files in self.files.values() for content in files.values())
        sums = {hashlib.sha256(content).hexdigest(): content for content in everything}
        return web.Response(body=self.spoil(sums[request.match_info["sum"]]))

    def _of(self, request: web.Request) -> dict[str, bytes]:
        files = self.files.get(f"{request.match_info['owner']}/{request.match_info['name']}")
        if files is None:
            raise web.HTTPNotFound
        return files


def _sibling(path: str, content: bytes) -> dict[str, Any]:
    git = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
    answer: dict[str, Any] = {"rfilename": path, "size": len(content), "blobId": git}
    if path.endswith(LARGE):
        answer["lfs"] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    return answer


def _error(status: int) -> web.HTTPException:
    return {
        401: web.HTTPUnauthorized,
        403: web.HTTPForbidden,
        404: web.HTTPNotFound,
        500: web.HTTPInternalServerError,
    }[status]()
