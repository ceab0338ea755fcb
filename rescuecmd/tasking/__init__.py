"""Who goes to whom: how one crew gets to a job (`journey`), and who could take it, best first (`candidates`).

Rules: arrival counts, by the route a boat can really take as the water rises. A boat that cannot take a job is named
together with the reason. Nobody is sent from here; a commander sends.
"""
