"""Codecs: what people, devices and other programs write, to our values and back.

Files (rivers, plans, drills) are read here with the line of every fault; drawings become SVG and PNG here. Nothing in
this package opens a socket or knows the time; only functions named ``load_...`` read files.
"""
