"""Whatever brings commands to the desk from outside or from beside it: the drill, robot crews, the software itself.

A feed never changes the picture; it hands orders to the desk and lives with the answer.
"""
