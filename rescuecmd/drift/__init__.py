"""WHERE A VICTIM MAY BE: how somebody in the water moves with the current, and how sure that is.

For now one expected track with a growing radius. A person in fast water is a passive tracer within two seconds, so the
track follows the current; who reaches the water's edge stays there.
"""
