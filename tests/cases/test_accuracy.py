"""The published accuracy is what is measured."""

from pathlib import Path

import pytest

from tests.cases.accuracy import MODEL, document

PAGE = Path(__file__).resolve().parents[2] / "docs" / "accuracy.md"


@pytest.mark.skipif(not MODEL.exists(), reason=f"the shared river data are not beside the project: {MODEL}")
def test_the_page_says_what_is_measured() -> None:
    assert PAGE.read_text(encoding="utf-8") == document(), "run: python -m tests.cases.accuracy > docs/accuracy.md"
