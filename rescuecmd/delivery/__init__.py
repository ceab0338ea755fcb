"""WHO HAS RECEIVED WHAT: what each terminal still has to get or answer, and what is done about silence.

All of it is read from the picture's cards; nothing is counted beside it. Rules:

- A card is accepted when its crew says so, and in no other way. Silence is never an answer, no time makes it one.
- *Not reached* (the card never arrived at the device) and *not answered* (it did, and nobody says anything) are two
  different things with two different remedies, and are kept apart everywhere.
- Silence climbs: the device reminds its crew at 10 s, the wall warns at 15 s, and at 30 s it raises an alarm with the
  next-best unit beside it. One card has one alarm, which changes in place.
"""
