"""How the server is reached: the address that phones open, and the certificate that they are shown there."""

import datetime as dt
from pathlib import Path
from urllib.parse import urlsplit

from rescuecmd.server import tls
from rescuecmd.settings import Settings

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


class Front:
    """The front of one server, with or without TLS."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._certificate: tls.Certificate | None = None

    @property
    def folder(self) -> Path:
        """Where the certificates are."""
        return self._settings.data / tls.FOLDER

    @property
    def pin(self) -> str:
        """The SHA-256 of the server's certificate; empty where it serves without."""
        return self._certificate.fingerprint if self._certificate else ""

    def certificate_changed(self) -> bool:
        """Return whether there is another certificate than the one that is served, and take note of it."""
        before, self._certificate = self._certificate, tls.look(self.folder) if self._settings.tls else None
        return before != self._certificate

    def public_address(self, asked: str) -> str:
        """Return the address that a phone can open: the setting's, else the one that was asked, unless that is local.

        A wall on this machine asks ``localhost``, which no phone can reach; then it is the first address of the
        certificate that is not this machine's own.
        """
        if self._settings.public_address:
            return self._settings.public_address.rstrip("/")
        where = urlsplit(asked)
        known = [name for name in (self._certificate.names if self._certificate else ()) if name not in _LOCAL]
        if where.hostname in _LOCAL and known:
            return f"{where.scheme}://{f'[{known[0]}]' if ':' in known[0] else known[0]}:{where.port}"
        return asked.rstrip("/")

    def warnings(self) -> list[str]:
        """Return what whoever starts the server should know."""
        if self._certificate is None:
            if self._settings.host in _LOCAL:
                return []
            return ["without TLS phones have no camera, position or offline page, and no enrolment: see `tls init`"]
        days = self._certificate.days_left(dt.datetime.now(dt.UTC))
        return [f"the certificate ends in {days:.0f} days: `rescuecmd tls renew`"] if days < tls.RENEW_DAYS else []
