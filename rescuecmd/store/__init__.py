"""The event log: the truth of an operation, and the bus between its parts.

`log` is the contract, `memory` holds a log in the process (drills run headless, tests), `sqlite` holds it in a folder.
What the embedded log promises: when `append` returns, the events survive a kill -9 and a power cut; one order leaves
its events once, however often it is sent; sequence numbers have no gap; a second server on the same folder is
refused; a damaged file is named as such and never opened as an empty one.

How: SQLite by apsw (3.51.3 or newer: older ones may lose a WAL reset), WAL with ``synchronous=FULL``, a checksum on
every page (``cksumvfs``), one writing connection on one thread that commits whatever has queued up meanwhile (group
commit without lingering), separate read-only connections, and a lock file that the kernel frees with the process.
Every row carries the SHA-256 of the row before it and itself, so that `rescuecmd log verify` finds an edit.
"""
