"""Text files that were saved in another encoding say which one it seems to be."""

import pytest

from rescuecmd.errors import FaultsError
from rescuecmd.interop.files import read_document
from rescuecmd.interop.plain_text import decoded

WORDS = "id: 江\nname: 嘉陵江\n"


@pytest.mark.parametrize(
    ("raw", "line", "said"),
    [
        (WORDS.encode("gbk"), 1, "expected UTF-8 text; it seems to be GBK: save it again as UTF-8"),
        (b"id: x\n" + WORDS.encode("gb18030"), 2, "seems to be GBK"),
        (WORDS.encode("utf-16"), 1, "seems to be UTF-16"),
        (b"id: x\n\xff\xff\n", 2, "expected UTF-8 text"),
    ],
)
def test_another_encoding_is_named_with_its_line(raw: bytes, line: int, said: str) -> None:
    for read in (lambda: decoded(raw, "a.csv", 1000), lambda: read_document(raw, "a.yaml")):
        with pytest.raises(FaultsError) as caught:
            read()
        (fault,) = caught.value.faults
        assert (fault.line, said in fault.message) == (line, True), fault


def test_utf_8_is_read_with_or_without_its_mark() -> None:
    assert decoded(WORDS.encode(), "a", 1000) == decoded(WORDS.encode("utf-8-sig"), "a", 1000) == WORDS
