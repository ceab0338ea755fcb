"""A copy of the whole log while the server runs, and such a copy put back.

The copy is made by SQLite's backup in a single step: one that pauses in between starts anew with each commit of the
server and never ends. A restored log gets a new name (`folder.log_id`): pages that knew more take a fresh snapshot
instead of going on from a sequence that now means something else.
"""

import secrets
import shutil
import time
from pathlib import Path

import apsw

from rescuecmd.errors import InputError, UnavailableError
from rescuecmd.store import mark
from rescuecmd.store.folder import FILE, Hold, adopt, connect, damaged, load_page_sums, open_file, remove
from rescuecmd.store.verify import Finding, verify_file


def backup(folder: Path, target: Path) -> tuple[Finding, ...]:
    """Copy the log of a folder into a file and return what a check of the copy found.

    Raises
    ------
    InputError
        ``no-log``.
    UnavailableError
        ``cannot-write``: the target cannot be written. ``log-damaged``: the log is not sound; nothing is written.
    """
    if target.exists():
        raise InputError("file-exists", f"{target} exists; a backup never overwrites another, choose a new name")
    source = connect(folder, write=False)
    draft = target.with_name(f"{target.name}.draft")
    try:
        remove(draft)
        copy = apsw.Connection(str(draft))
        with copy.backup("main", source, "main") as job:
            job.step(-1)
        copy.pragma("journal_mode", "delete")
        copy.close()
        findings = _sound(draft)
        adopt(draft, target)
    except (OSError, apsw.CantOpenError, apsw.FullError) as error:
        raise UnavailableError("cannot-write", f"cannot write {target}: {error}") from error
    except apsw.Error as error:
        raise damaged(folder / FILE, str(error)) from error
    finally:
        source.close()
    return findings


def restore(file: Path, folder: Path) -> tuple[tuple[Finding, ...], Path | None]:
    """Put a backup into a folder; return what it holds, and where the log that was there before has been set aside.

    Raises
    ------
    RefusedError
        ``log-in-use``: a server writes the log; stop it first.
    UnavailableError
        ``log-damaged``: the backup is not as it was written; nothing was changed.
    """
    findings = _sound(file)
    folder.mkdir(parents=True, exist_ok=True)
    hold = Hold(folder)
    try:
        draft = folder / f"{FILE}.draft"
        remove(draft)
        shutil.copyfile(file, draft)
        _rename_log(draft)
        aside = set_aside(folder)
        adopt(draft, folder / FILE)
    except OSError as error:
        raise UnavailableError("cannot-write", f"cannot restore into {folder}: {error}") from error
    finally:
        hold.release()
    return findings, aside


def set_aside(folder: Path) -> Path | None:
    """Move a folder's log, whatever state it is in, into a folder of its own beside it; None where there is none."""
    names = (FILE, f"{FILE}-wal", f"{FILE}-shm", mark.FILE)
    parts = [folder / name for name in names if (folder / name).exists()]
    if not parts:
        return None
    aside = folder / f"set-aside-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{secrets.token_hex(2)}"
    aside.mkdir()
    for part in reversed(parts):  # the log itself last: without it the rest is never taken for a new start
        part.rename(aside / part.name)
    return aside


def _sound(file: Path) -> tuple[Finding, ...]:
    findings = verify_file(file)
    for finding in findings:
        if not finding.sound:
            raise damaged(file, f"{finding.operation}: {finding.why}")
    return findings


def _rename_log(draft: Path) -> None:
    load_page_sums()
    connection = open_file(draft, write=True)
    connection.pragma("journal_mode", "wal")
    connection.execute("UPDATE about SET value=? WHERE name='log_id'", (secrets.token_hex(8),))
    connection.execute("INSERT OR REPLACE INTO about VALUES('restored', ?)", (str(int(time.time())),))
    connection.close()
