"""What is believed of a signature: the two numbers, however they came, and nothing that only looks like them."""

from itertools import count

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from rescuecmd.errors import ForbiddenError
from rescuecmd.server.devices import verify

SECRET = ec.derive_private_key(20_261_128, ec.SECP256R1())
KEY = SECRET.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
TEXT = b"rescuecmd/message/1\nn\n{}"
DER = SECRET.sign(TEXT, ec.ECDSA(SHA256()))
R, S = decode_dss_signature(DER)
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def number(value: int, *, more: bytes = b"") -> bytes:
    """Return an ASN.1 integer, with zeros in front that DER forbids."""
    body = more + value.to_bytes(value.bit_length() // 8 + 1, "big")
    return b"\x02" + bytes([len(body)]) + body


def pair(*parts: bytes, tag: int = 0x30, length: bytes = b"") -> bytes:
    """Return an ASN.1 sequence, with a length of another form where one is given."""
    body = b"".join(parts)
    return bytes([tag]) + (length or bytes([len(body)])) + body


def test_both_forms_of_a_signature_are_believed() -> None:
    assert pair(number(R), number(S)) == DER
    verify(KEY, DER, TEXT)
    verify(KEY, R.to_bytes(32, "big") + S.to_bytes(32, "big"), TEXT)


def test_the_mirrored_signature_says_the_same_of_the_same_message_and_no_more() -> None:
    """Of ECDSA s and n - s are both valid, for anybody; so no signature is ever taken as a mark of identity."""
    mirrored = encode_dss_signature(R, ORDER - S)
    verify(KEY, mirrored, TEXT)
    for signature in (DER, mirrored):
        with pytest.raises(ForbiddenError):
            verify(KEY, signature, TEXT + b" ")


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        bytes(64),
        DER + b"\0",
        DER[:-1],
        DER + DER,
        b"\0" + DER,
        pair(number(R, more=b"\0"), number(S)),
        pair(number(R), number(S, more=b"\0\0")),
        pair(number(R), number(S), number(1)),
        pair(number(R)),
        pair(number(R), number(S), tag=0x31),
        pair(number(R), number(S), length=b"\x81" + bytes([len(DER) - 2])),
        pair(number(R), number(S), b"\0\0", length=b"\x80"),
        pair(b"\x02\x01\xff", number(S)),
        pair(number(0), number(S)),
        pair(number(R), number(0)),
        pair(number(R + ORDER), number(S)),
        pair(number(R), number(S + ORDER)),
        pair(number(S), number(R)),
        pair(b"\x02\x00", number(S)),
        R.to_bytes(33, "big") + S.to_bytes(33, "big"),
        S.to_bytes(32, "big") + R.to_bytes(32, "big"),
        ec.generate_private_key(ec.SECP256R1()).sign(TEXT, ec.ECDSA(SHA256())),
    ],
    ids=count(),  # the key is another one in every process that collects the tests
)
def test_what_is_no_signature_of_this_key_is_refused(signature: bytes) -> None:
    with pytest.raises(ForbiddenError, match="not that of the enrolled device"):
        verify(KEY, signature, TEXT)


def _flipped(at: int, bit: int) -> bytes:
    return DER[:at] + bytes([DER[at] ^ (1 << bit)]) + DER[at + 1 :]


@given(st.binary(max_size=200) | st.builds(_flipped, st.integers(0, len(DER) - 1), st.integers(0, 7)))
def test_garbage_and_every_flipped_bit_are_refused(signature: bytes) -> None:
    with pytest.raises(ForbiddenError):
        verify(KEY, signature, TEXT)
