"""Runs the application on a socket: bound first, so that a taken port is an error before anything is opened."""

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn

from rescuecmd.compiled import COMPILED, SLOW
from rescuecmd.errors import RescueError, UnavailableError
from rescuecmd.memory import tidy
from rescuecmd.server import tls
from rescuecmd.server.app import create_app
from rescuecmd.server.host import Host
from rescuecmd.settings import Settings

_LOG = logging.getLogger("rescuecmd.server")
_PING_S = 10.0  # a phone that left without a word is noticed within two of these
_FAREWELL_S = 2
# Linux, <linux/tcp.h>; not all of them are in Python's `socket`, an older kernel refuses what it does not know
_TCP_THIN_LINEAR_TIMEOUTS = 16
_TCP_RTO_MAX_MS = 44
_RTO_MAX_MS = 1000
_RENEWAL_LOOK_S = 5.0
_TIDY_S = 600.0


class _Server(uvicorn.Server):
    """A uvicorn server that leaves the signals to its caller."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Raises
    ------
    UnavailableError
        The address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _prepare_for_bad_links(listener)
        listener.bind((host, port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        why = error.strerror or str(error)
        raise UnavailableError(
            "port-in-use", f"cannot listen on {host}:{port}: {why}; choose another with --port", port=port
        ) from None
    return listener


def _prepare_for_bad_links(listener: socket.socket) -> None:
    """Let lost segments be sent again after a second at most, not after ever longer waits; connections inherit it."""
    for option, value in ((_TCP_THIN_LINEAR_TIMEOUTS, 1), (_TCP_RTO_MAX_MS, _RTO_MAX_MS)):
        with contextlib.suppress(OSError):
            listener.setsockopt(socket.IPPROTO_TCP, option, value)


class Serving:
    """A server that answers."""

    def __init__(self, host: Host, server: uvicorn.Server, address: str) -> None:
        self.host = host
        self.address = address
        self._server = server

    def stop(self) -> None:
        """Let the server end: connections are closed in order, the log is let go."""
        self.host.hub.say_goodbye()
        self._server.should_exit = True


@contextlib.asynccontextmanager
async def serving(settings: Settings, *, fresh: bool = False) -> AsyncIterator[Serving]:
    """Serve while the context lasts. With `fresh` the drill of the settings is opened anew, whatever was running.

    Raises
    ------
    UnavailableError
        The port is taken or the log cannot be read.
    RefusedError
        Another server has the data folder.
    """
    if not COMPILED:
        _LOG.warning(SLOW)
    listener = bind(settings.host, settings.port)
    host = Host(settings)
    try:
        await host.start(fresh=fresh)
    except BaseException:
        listener.close()
        raise
    server = _Server(_config(host))
    task = asyncio.create_task(server.serve(sockets=[listener]), name="http")
    beside = [
        asyncio.create_task(_take_up_renewals(server.config, host), name="tls"),
        asyncio.create_task(tidy(_TIDY_S), name="tidy"),
    ]
    try:
        await server.ready.wait()
        here = address(listener, "https" if settings.tls else "http")
        host.open_doors(here)
        yield Serving(host, server, here)
    finally:
        for job in beside:
            job.cancel()
        host.hub.say_goodbye()
        server.should_exit = True
        await task
        await host.close()


def _config(host: Host) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(host),
        ws="websockets-sansio",
        ws_max_size=host.settings.max_message_bytes,
        ws_per_message_deflate=False,  # half a core for 500 readers; frames are small
        ws_ping_interval=_PING_S,
        ws_ping_timeout=_PING_S,
        access_log=False,
        log_config=None,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=_FAREWELL_S,
        ssl_certfile=host.front.folder / tls.CERT if host.settings.tls else None,
        ssl_keyfile=host.front.folder / tls.KEY if host.settings.tls else None,
    )


async def _take_up_renewals(config: uvicorn.Config, host: Host) -> None:
    """Serve new connections with a renewed certificate; those that are open go on with the old one."""
    while host.settings.tls:
        await asyncio.sleep(_RENEWAL_LOOK_S)
        try:
            if await asyncio.to_thread(host.front.certificate_changed) and config.ssl is not None:
                config.ssl.load_cert_chain(host.front.folder / tls.CERT, host.front.folder / tls.KEY)
                _LOG.warning("the certificate was renewed")
        except (OSError, RescueError) as error:
            _LOG.error("the renewed certificate cannot be used: %s", error)


def address(listener: socket.socket, scheme: str = "http") -> str:
    """Return the address that a browser on this machine opens."""
    name, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(name, f"[{name}]" if ":" in name else name)  # noqa: S104
    return f"{scheme}://{shown}:{port}"


async def until_told(running: Serving) -> None:
    """Wait for SIGINT or SIGTERM."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    try:
        await told.wait()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
    _LOG.info("stopping")
    running.stop()
