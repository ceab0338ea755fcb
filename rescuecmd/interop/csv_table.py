"""CSV tables that people edit: rows with the line each stands on, and cells that are checked one by one."""

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rescuecmd.errors import Fault, FaultsError, nearest
from rescuecmd.interop.plain_text import decoded

MAX_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line in the file and its cells by column."""

    line: int
    cells: dict[str, str]


@dataclass(slots=True)
class Table:
    """A table being read: its rows and the faults found so far, among them those of its cells."""

    name: str
    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, row: Row, column: str, message: str) -> None:
        """Note a fault in a cell."""
        self.faults.append(Fault(self.name, row.line, column, message))

    def number(self, row: Row, column: str) -> float | None:
        """Return a cell as a finite number; None after noting the fault."""
        cell = row.cells[column]
        try:
            value = float(cell)
        except ValueError:
            self.fault(row, column, f"expected a number, got {cell!r}")
            return None
        if not math.isfinite(value):
            self.fault(row, column, f"expected a finite number, got {cell!r}")
            return None
        return value

    def time_s(self, row: Row, column: str) -> float | None:
        """Return a cell as s since epoch; None after noting the fault."""
        value = parse_time_s(row.cells[column])
        if isinstance(value, str):
            self.fault(row, column, value)
            return None
        return value

    def one_of(self, row: Row, column: str, known: Sequence[str]) -> str | None:
        """Return a cell that must be one of the known words; None after noting the fault."""
        cell = row.cells[column]
        if cell in known:
            return cell
        self.fault(row, column, f"expected one of {', '.join(known)}, got {cell!r}{nearest(cell, known)}")
        return None


def parse_time_s(text: str) -> float | str:
    """Return s since epoch for an ISO 8601 time with a zone offset, or the sentence that says what is wrong."""
    try:
        time = datetime.fromisoformat(text)
        if time.tzinfo is None:
            return f"a time needs its zone offset, such as 2021-09-05T08:00+08:00, got {text!r}"
        return time.astimezone(UTC).timestamp()
    except (ValueError, OverflowError):
        return f"expected a time such as 2021-09-05T08:00+08:00, got {text!r}"


def load_table(path: Path, columns: Sequence[str]) -> Table:
    """Read a CSV file with exactly these columns, in any order.

    Raises
    ------
    FaultsError
        The file cannot be read, or its header is wrong.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise FaultsError([Fault(str(path), 0, "", "this file is missing")]) from error
    except OSError as error:
        raise FaultsError([Fault(str(path), 0, "", f"cannot be read: {error.strerror or error}")]) from error
    return read_table(raw, str(path), columns)


def read_table(raw: bytes, name: str, columns: Sequence[str]) -> Table:
    """Parse the bytes of a CSV file; `name` stands in the faults (see `load_table`)."""
    reader = csv.reader(io.StringIO(decoded(raw, name, MAX_BYTES), newline=""), strict=True)
    table = Table(name)
    header: list[str] = []
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if not any(stripped):
                continue
            if not header:
                header = _header(stripped, name, columns, reader.line_num)
            elif len(stripped) != len(header):
                message = f"expected {len(header)} cells, got {len(stripped)}"
                table.faults.append(Fault(name, reader.line_num, "", message))
            else:
                table.rows.append(Row(reader.line_num, dict(zip(header, stripped, strict=True))))
    except csv.Error as error:
        raise FaultsError([Fault(name, reader.line_num, "", f"not valid CSV: {error}")]) from error
    if not header:
        raise FaultsError([Fault(name, 1, "", f"expected a header: {','.join(columns)}")])
    if not table.rows and not table.faults:
        table.faults.append(Fault(name, 1, "", "the table has no rows"))
    return table


def _header(cells: list[str], name: str, columns: Sequence[str], line: int) -> list[str]:
    faults = [
        Fault(name, line, cell, f"unknown column {cell!r}{nearest(cell, columns)}")
        for cell in cells
        if cell not in columns
    ]
    faults += [Fault(name, line, column, f"column {column!r} is missing") for column in columns if column not in cells]
    faults += [Fault(name, line, cell, f"column {cell!r} stands twice") for cell in cells if cells.count(cell) > 1]
    if faults:
        raise FaultsError(faults)
    return cells
