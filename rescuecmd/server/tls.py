"""A certificate authority of one's own, for a field network without the internet.

Phones give camera, position, keys and offline storage to secure pages only. Where there is no public name, the server
brings its own authority: `init` makes it once, each phone trusts it once, the server's certificate is renewed from it
as often as needed. The authority is bound by name constraints to private networks and local names (RFC 5280,
4.2.1.10): somebody who steals its key cannot pretend to be anybody's bank.
"""

import datetime as dt
import ipaddress
import os
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from rescuecmd.errors import InputError, NotFoundError, RefusedError, UnavailableError

FOLDER = "tls"
CA_CERT, CA_KEY, CERT, KEY = "ca.crt", "ca.key", "server.crt", "server.key"
CA_DAYS = 3650
CERT_DAYS = 397  # the longest that browsers take from anybody (CA/Browser Forum, Baseline Requirements 6.3.2)
RENEW_DAYS = 30
_CLOCK_SLACK = dt.timedelta(days=1)  # a phone whose clock is behind
_LOCAL_NAMES = ("localhost", "local", "lan", "internal", "home.arpa")
_PRIVATE = ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10")
_PRIVATE_6 = ("::1/128", "fc00::/7", "fe80::/10")
Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a server's certificate says. ``fingerprint`` is the SHA-256 of the certificate, in hexadecimal."""

    names: tuple[str, ...]
    expires: dt.datetime
    fingerprint: str
    ca_fingerprint: str

    def days_left(self, now: dt.datetime) -> float:
        """Return how many days it is still good."""
        return (self.expires - now) / dt.timedelta(days=1)


def init(folder: Path, names: Sequence[str], *, now: dt.datetime, force: bool = False) -> Certificate:
    """Make an authority and a server certificate for these names and addresses, and `localhost`.

    Raises
    ------
    RefusedError
        The folder holds an authority already, which phones trust; `force` makes a new one.
    InputError
        A name is neither a name nor an address.
    """
    if not force and any((folder / name).exists() for name in (CA_KEY, CA_CERT, KEY, CERT)):
        raise RefusedError(
            "tls-exists",
            f"{folder}: there is an authority that phones may trust; `tls renew` keeps it, --force drops it",
        )
    subjects = _subjects(names)
    key = ec.generate_private_key(ec.SECP256R1())
    cert = _authority(key, subjects, now)
    _write(folder / CA_KEY, _key_pem(key), secret=True)
    _write(folder / CA_CERT, cert.public_bytes(serialization.Encoding.PEM))
    return _issue(folder, key, cert, subjects, now)


def renew(folder: Path, names: Sequence[str], *, now: dt.datetime) -> Certificate:
    """Make a new server certificate from the same authority; without `names` for the same names as before.

    Raises
    ------
    NotFoundError
        There is no authority in the folder.
    InputError
        A file of it cannot be read, or a name is none.
    """
    try:
        cert = x509.load_pem_x509_certificate((folder / CA_CERT).read_bytes())
        key = serialization.load_pem_private_key((folder / CA_KEY).read_bytes(), None)
    except FileNotFoundError as error:
        raise NotFoundError("no-tls", f"{error.filename}: no authority; make one with `rescuecmd tls init`") from None
    except ValueError as error:
        raise InputError("tls-file", f"{folder}: the authority cannot be read: {error}") from None
    assert isinstance(key, ec.EllipticCurvePrivateKey)  # noqa: S101  (`init` makes no other)
    return _issue(folder, key, cert, _subjects(names or look(folder).names), now)


def look(folder: Path) -> Certificate:
    """Return what the server's certificate says.

    Raises
    ------
    NotFoundError
        There is none.
    InputError
        It cannot be read.
    """
    try:
        cert = x509.load_pem_x509_certificate((folder / CERT).read_bytes())
    except FileNotFoundError as error:
        raise NotFoundError("no-tls", f"{error.filename}: no certificate; make one with `rescuecmd tls init`") from None
    except ValueError as error:
        raise InputError("tls-file", f"{folder / CERT}: not a certificate: {error}") from None
    names = cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    listed = [*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))]
    authority = folder / CA_CERT
    ca = x509.load_pem_x509_certificate(authority.read_bytes()) if authority.exists() else None
    return Certificate(
        tuple(listed),
        cert.not_valid_after_utc,
        cert.fingerprint(hashes.SHA256()).hex(),
        ca.fingerprint(hashes.SHA256()).hex() if ca else "",
    )


def client_context(folder: Path) -> ssl.SSLContext:
    """Return what a client on this machine needs to believe this server."""
    authority = folder / CA_CERT
    try:
        return ssl.create_default_context(cafile=str(authority) if authority.exists() else None)
    except (OSError, ssl.SSLError) as error:
        raise UnavailableError("tls-file", f"{authority}: cannot be used: {error}") from None


def _subjects(names: Iterable[str]) -> list[x509.GeneralName]:
    found: dict[str, x509.GeneralName] = {}
    for name in ("localhost", "127.0.0.1", "::1", *names):
        address = _address(name)
        found[name] = x509.IPAddress(address) if address else x509.DNSName(_name(name))
    return list(found.values())


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _name(text: str) -> str:
    labels = text.split(".")
    good = all(part and part.replace("-", "a").isalnum() and part.isascii() and len(part) < 64 for part in labels)
    if not good or len(text) > 253 or labels[-1].isdigit():
        raise InputError("bad-name", f"{text!r} is neither a host name nor an address", name=text)
    return text.lower()


def _authority(
    key: ec.EllipticCurvePrivateKey, subjects: Iterable[x509.GeneralName], now: dt.datetime
) -> x509.Certificate:
    permitted: list[x509.GeneralName] = [x509.DNSName(name) for name in _LOCAL_NAMES]
    permitted += [x509.IPAddress(ipaddress.ip_network(net)) for net in (*_PRIVATE, *_PRIVATE_6)]
    for subject in subjects:
        if isinstance(subject, x509.DNSName):
            permitted.append(subject)
        elif isinstance(subject, x509.IPAddress):
            permitted.append(x509.IPAddress(ipaddress.ip_network(str(subject.value))))
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, f"rescuecmd local CA {os.urandom(3).hex()}"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "rescuecmd"),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        _builder(name, name, key.public_key(), now, CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _issue(
    folder: Path,
    ca_key: ec.EllipticCurvePrivateKey,
    ca: x509.Certificate,
    subjects: Sequence[x509.GeneralName],
    now: dt.datetime,
) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rescuecmd server")])
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    cert = (
        _builder(name, ca.subject, key.public_key(), now, CERT_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(subjects), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    _write(folder / KEY, _key_pem(key), secret=True)
    _write(folder / CERT, cert.public_bytes(serialization.Encoding.PEM))
    return look(folder)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: dt.datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SLACK)
        .not_valid_after(now - _CLOCK_SLACK + dt.timedelta(days=days))
    )


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, data: bytes, *, secret: bool = False) -> None:
    """Write a file whole or not at all; a key is readable by its owner alone from its first byte."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(path.suffix + ".new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if secret else 0o644)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
