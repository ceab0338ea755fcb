"""Drills: a script becomes a world that is true, and the picture learns of it only by what is reported.

``script`` what a drill file says · ``hydrograph`` the true level, and forecasts that err · ``boat``, ``victim`` and
``crowd`` one true thing each · ``world`` all of them, one second at a time · ``facts`` what conditions may ask ·
``trigger`` when something fires · ``crew`` how robot crews and a robot commander act · ``score`` ratings and safety
rules · ``engine`` the sans-IO whole: picture and time in, orders out · ``report`` and ``page`` what is kept.

Rules. Time moves in ticks of one second and the order inside a tick is fixed: controls, water, boats, victims,
crowds, reports, triggers in file order, faults, score, stop. All randomness of the engine is one
``random.Random(seed)``; everything else it knows comes from the picture, so that the same file, seed and inputs give
the same log to the byte, and a run is taken up again after a crash by playing its own log through a fresh engine.
Pausing belongs to the clock alone.
"""
