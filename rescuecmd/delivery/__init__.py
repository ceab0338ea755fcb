"""WHO HAS RECEIVED WHAT: what each terminal still has to get or answer, and what is done about silence.

All of it is read from the picture's cards; nothing is counted beside it. Rules:

- A card is accepted when its crew says so, and in no other way. Silence is never an answer, no time makes it one.
- *Not reached* (the card never arrived at the device) and *not answered* (it did, and nobody says anything) are two
  different things with two different remedies, and are kept apart everywhere.
- Silence climbs by the ladder that the plan card set (by default: the device reminds its crew at 10 s, the wall warns
  at 15 s, at 30 s it raises an alarm with the next-best unit beside it, at 60 s the supervisor is told, at 90 s the
  second channel is called for). One card has one alarm, which changes in place. An offer may run out; that is no
  answer either.
"""
