"""rescuecmd: one shared picture for river rescue, in drills and for real.

One idea carries the program: an operation (a live incident or a drill) is one ordered log of events, and
everything that anyone sees is a fold of that log.

    phones, boats, gauges, cameras, drill --> command --> desk --> events --> log
                                                   decide ^  | fold            | follow(after=seq)
    reactions: event -> commands <------------------------|  v                 v
    pure: river picture routing drift tasking plan delivery opening drill ar   server, media --> screens, phones

Imports run downwards only: cli > server > feeds, media > desk, reactions > store, interop > drill >
tasking, plan, delivery, ar, opening > routing, drift > picture, river > condition, units, clock, geo, text > errors.
"""

__version__ = "0.1.0"
