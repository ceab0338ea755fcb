"""WHAT FOLLOWS FROM WHAT HAPPENED: a table from event to pure function to orders of the software.

A reaction reads the picture after the events and says what the software would order; it changes nothing itself. Rules:

- The software warns, computes and keeps books. It pushes no card and sends nobody: after a decline it *offers* the
  next best unit, and a commander sends it.
- Every order's id is made from the reaction, the event that caused it and its subject, so that reacting twice to
  one event, after a crash or in a replay, leaves one effect.
- One situation has one alarm. It is replaced in place when it gets worse and taken back when it is over; words that
  would change every second (minutes left) are kept out of it, so that it is raised anew only for a reason.
- What costs is done rarely: the water is worked out anew only when a gauge changed, routes are looked at only while
  somebody follows them, cards are ranked anew when the people or the boats changed and once a minute otherwise.
"""

from rescuecmd.reactions.moment import SOFTWARE
from rescuecmd.reactions.reactor import TICK_S, Reactor, Thought
from rescuecmd.reactions.situation import Situation

__all__ = ["SOFTWARE", "TICK_S", "Reactor", "Situation", "Thought"]
