"""Who goes to whom: which crews could take a job, best first (`candidates`).

Rules: arrival counts, by the route a boat can really take as the water rises. A boat that cannot take a job is named
together with the reason. Nobody is sent from here; a commander sends.
"""
