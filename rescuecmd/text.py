"""A text in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """One text in Chinese and English."""

    zh: str
    en: str

    def filled(self, values: Mapping[str, str]) -> "Text":
        """Return the text with its ``{names}`` replaced."""
        return Text(self.zh.format_map(values), self.en.format_map(values))

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"
