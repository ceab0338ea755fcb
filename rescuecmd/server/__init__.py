"""The server: one running operation, its pages, its HTTP routes and its live socket.

The server knows who asks (`doorman`, by `roles`), reads what is asked (`wire`), hands it to the desk, and shows the
picture to each view (`live`): one frame per tick and view, encoded once. It decides nothing itself. `operation` puts
one running operation together; `app` is the ASGI application around it; every other module is one subject of routes.

Decision: the pages get their state by sequence number only. A frame says "what changed after n"; a slow or
returning reader is given a larger difference, so no queue grows for it and nothing can be missed.

Decision (2026-11): who may come in is kept in a register of its own (`register`), beside the log and not in it, since a
log is exported and kept for years and must hold no secret. What people are allowed to see of each other, who is in
command and what waits for a second person is of the operation and therefore in the log.
"""
