"""Plan cards: from a page in a binder to what each terminal is told.

A card is data that people write (`card`): when it applies, who does what, what must never be exceeded, when to break
off, and where each number comes from. Its limits are conditions over declared facts (`facts`), judged against the
present picture and water (`limits`). The present picture calls for cards (`match`); one click makes each terminal its
own version (`personal`), with its route, its steps first, and a picture drawn for where it is (`drawing`).

Rules: a card suggests, a person sends. What is not known is said to be unknown. A card that nobody has reviewed says
so.
"""
