"""Who and what is where: entities, the commands that ask for change, the events that state it, and their fold.

`decide(picture, command)` returns events or refuses; `fold(picture, event)` applies what was once accepted and
never fails on it. `Picture` is immutable, so it is handed to screens, video and reactions without copying.
Rules: no input or output, no clock (time comes with the event), a victim never expires by itself.
"""
