"""One cache for all that the public reads, in front of the whole stack.

A public answer is a function of the build, the ledger's newest seq, the address without parameters that its view does
not know, the type asked for, the display that the reader chose, and the day. That tuple is the key and its hash the
weak ETag. Nothing is invalidated: a new seq is a new key. Each process looks at the seq once in `SEQ_SECONDS`: a
withdrawn record is gone from here within that time. Who carries a session or a key is never answered from here.
"""

import gzip
import hashlib
import logging
import threading
import time
from functools import cache as once

from cachetools import LRUCache
from django.conf import settings
from django.core.cache import caches
from django.core.exceptions import DisallowedHost, MiddlewareNotUsed
from django.http import HttpResponse, HttpResponseNotModified
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.http import parse_etags
from redis.exceptions import RedisError

from gazette.models import LedgerHead

from . import display

logger = logging.getLogger(__name__)

SEQ_SECONDS = 0.5
MEMORY = 64 * 1024 * 1024  # bytes of bodies that one process keeps
REDIS_SECONDS = 3600
# Kept for revalidation, never served without it: what is withdrawn must not live on in a proxy.
CACHE_CONTROL = "public, max-age=0, must-revalidate"
PRIVATE = "private, no-store"
PACKED = '-gzip"'  # how the strong ETag of a compressed answer ends
NOT_PUBLIC = ("/admin/", "/static/", "/healthz", "/display/", "/doubts/")


# What the answers are made of, beside the data.
SOURCES = ("gazette", "measures", "personnel", "plans", "templates", "wuhai_portal")
SOURCE_TYPES = {".py", ".html", ".css", ".js", ".svg"}


@once
def build_id() -> str:
    """A hash of the code, the templates and the settings that pages show: another build is another key."""
    digest = hashlib.sha256()
    for folder in SOURCES:
        for path in sorted((settings.BASE_DIR / folder).rglob("*")):
            if path.suffix in SOURCE_TYPES:
                digest.update(path.relative_to(settings.BASE_DIR).as_posix().encode() + path.read_bytes())
    for name in sorted(dir(settings)):
        if name.startswith("SITE_"):
            digest.update(f"{name}={getattr(settings, name)}\n".encode())
    return digest.hexdigest()[:16]


class Seq:
    """The ledger's newest seq, looked at no more than once in `SEQ_SECONDS`."""

    def __init__(self):
        self.value, self.looked_at, self.lock = None, 0.0, threading.Lock()

    def current(self) -> int:
        """The seq as of the last look."""
        with self.lock:
            now = time.monotonic()
            if self.value is None or now - self.looked_at >= SEQ_SECONDS:
                self.value = LedgerHead.objects.values_list("seq", flat=True).first() or 0
                self.looked_at = now
            return self.value


class Stored:
    """An answer as bytes, compressed too, with the headers that go with it."""

    def __init__(self, response: HttpResponse):
        self.body = response.content
        self.compressed = gzip.compress(self.body, compresslevel=6, mtime=0)
        self.headers = {name: value for name, value in response.items() if name.lower() != "content-length"}

    def __len__(self) -> int:
        return len(self.body) + len(self.compressed)

    def answer(self, request) -> HttpResponse:
        """A fresh response; 304 where the reader has these very bytes."""
        if _has(request, self.headers["ETag"]):
            return _not_modified(self.headers)
        packed = len(self.compressed) < len(self.body) and "gzip" in request.headers.get("Accept-Encoding", "")
        response = HttpResponse(self.compressed if packed else self.body, headers=self.headers)
        if packed:
            response["Content-Encoding"] = "gzip"
            # A strong ETag names the bytes, and these are others.
            if not response["ETag"].startswith("W/"):
                response["ETag"] = response["ETag"][:-1] + PACKED
        response["Content-Length"] = str(len(response.content))
        return response


class Store:
    """Answers by key: in this process, and in Redis where one is configured."""

    def __init__(self):
        self.memory, self.seq, self.lock = LRUCache(MEMORY, getsizeof=len), None, threading.Lock()
        backend = settings.CACHES["default"]["BACKEND"]
        self.shared = caches["default"] if backend.endswith("RedisCache") else None

    def get(self, key: str, seq: int) -> Stored | None:
        """The stored answer, or None."""
        with self.lock:
            if seq != self.seq:
                self.memory.clear()
                self.seq = seq
            if (found := self.memory.get(key)) is not None:
                return found
        found = self._ask_shared("get", key)
        if found is not None:
            self._keep(key, found)
        return found

    def put(self, key: str, stored: Stored) -> None:
        """Keep an answer."""
        self._keep(key, stored)
        self._ask_shared("set", key, stored, REDIS_SECONDS)

    def _ask_shared(self, operation: str, *args):
        """Ask the shared cache, if there is one; while it does not answer, each process does with its own memory."""
        if self.shared is None:
            return None
        try:
            return getattr(self.shared, operation)(*args)
        except RedisError as error:
            logger.warning("共享缓存没有应答，暂由各进程自行缓存：%s", error)
            return None

    def _keep(self, key: str, stored: Stored) -> None:
        with self.lock:
            if len(stored) <= self.memory.maxsize:
                self.memory[key] = stored


class PublicCacheMiddleware:
    """Answers from the cache before anything else of the stack runs; one caller computes what is missing."""

    def __init__(self, get_response):
        if not settings.PUBLIC_CACHE:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.seq, self.store = Seq(), Store()
        self.flights: dict[str, threading.Lock] = {}
        self.lock = threading.Lock()

    def __call__(self, request):
        if not self._is_public(request):
            response = self.get_response(request)
            response.headers.setdefault("Cache-Control", PRIVATE)
            return response
        parameters = _known_parameters(request)
        if parameters is None:
            return self.get_response(request)
        seq = self.seq.current()
        key = _key(request, parameters, seq)
        etag = f'W/"{key}"'
        if _has(request, etag):
            return _not_modified({"ETag": etag, "Cache-Control": CACHE_CONTROL, "Vary": VARY})
        if (stored := self.store.get(key, seq)) is not None:
            return stored.answer(request)
        with self._flight(key):
            if (stored := self.store.get(key, seq)) is not None:
                return stored.answer(request)
            response = self.get_response(request)
            if (response.status_code != 200 or response.streaming) and not response.cookies:
                # Browsers keep a 410 for ever unless told, though what was withdrawn may come back. What is streamed
                # may be large: it passes through and is not kept here.
                response.headers.setdefault("Cache-Control", CACHE_CONTROL)
            if response.status_code != 200 or response.streaming or response.cookies:
                return response
            response.headers.setdefault("ETag", etag)
            response["Cache-Control"], response["Vary"] = CACHE_CONTROL, VARY
            stored = Stored(response)
            self.store.put(key, stored)
            return stored.answer(request)

    def _is_public(self, request) -> bool:
        if request.method not in ("GET", "HEAD") or request.path.startswith(NOT_PUBLIC):
            return False
        if "Authorization" in request.headers or settings.SESSION_COOKIE_NAME in request.COOKIES:
            return False
        try:
            request.get_host()
        except DisallowedHost:
            return False
        # A plain request to an https site is redirected by the stack, not answered.
        return request.is_secure() or not settings.SECURE_SSL_REDIRECT

    def _flight(self, key: str) -> threading.Lock:
        """The lock of one key: who comes second waits for the first and finds the answer stored."""
        with self.lock:
            if len(self.flights) > 10_000:
                self.flights = {name: lock for name, lock in self.flights.items() if lock.locked()}
            return self.flights.setdefault(key, threading.Lock())


VARY = "Accept, Accept-Encoding, Cookie"


def _known_parameters(request) -> list[tuple[str, str]] | None:
    """The parameters of the address that its view knows, in order; None for an address that leads nowhere.

    Pages ignore the others (messengers add them); the API refuses them, so there they all count.
    """
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return None
    view_class = getattr(view, "view_class", None)
    known = view_class.known_parameters() if hasattr(view_class, "known_parameters") else None
    given = [(name, value) for name, values in request.GET.lists() for value in values]
    return sorted(pair for pair in given if known is None or pair[0] in known)


def _key(request, parameters, seq: int) -> str:
    parts = [
        build_id(),
        str(seq),
        request.method,
        request.path,
        repr(parameters),
        request.headers.get("Accept", "") if request.path.startswith("/api/") else "",
        # Its few values and no other: a reader's cookies must not multiply the keys.
        display.chosen(request),
        timezone.localdate().isoformat(),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _has(request, etag: str) -> bool:
    """Whether the reader's If-None-Match names this ETag; compared weakly (RFC 9110, 13.1.2)."""
    given = request.headers.get("If-None-Match")
    if not given:
        return False
    weak = {tag.removeprefix("W/").replace(PACKED, '"') for tag in parse_etags(given)}
    return "*" in weak or etag.removeprefix("W/") in weak


def _not_modified(headers: dict) -> HttpResponse:
    response = HttpResponseNotModified()
    for name in ("ETag", "Cache-Control", "Vary"):
        response[name] = headers[name]
    return response
