"""The event log: the truth of an operation, and the bus between its parts.

`log` is the contract, `memory` holds a log in the process (drills run headless, tests), `sqlite` holds it in a folder.
What the embedded log promises: when `append` returns, the events survive a kill -9 and a power cut; one order leaves
its events once, however often it is sent; sequence numbers have no gap; a second server on the same folder is
refused; a damaged file is named as such and never opened as an empty one.

How: SQLite by apsw (3.51.3 or newer: older ones may lose a WAL reset), WAL with ``synchronous=FULL``, a checksum on
every page (``cksumvfs``), one writing connection on one thread that commits whatever has queued up meanwhile (group
commit without lingering), separate read-only connections, and a lock file that the kernel frees with the process.
Every event has a link of a chain (`chain`), so that `rescuecmd log verify` finds an edit. A full disk gives up its
reserve before it refuses an order (`reserve`).

What SQLite does not notice, a mark outside the log does (`mark`): that its end is gone. What can be read of a damaged
log is shown, and never written to (`salvage`).

What is done with a log as a whole has a module each: `verify`, `incident` (one operation as one file that opens
elsewhere), `backup` (and restore), `retention` (redaction), `upgrade` (from an older format).

Decided 2026-11-27: redaction must not break the proof. The chain therefore runs over salted digests, not over the
events themselves; to redact is to replace the bytes, keep the digest and destroy the salt. That an event was redacted
stays visible, what it says now is sealed by an event of the same log, and every link that a phone or a printed report
has ever held stays true.
"""
