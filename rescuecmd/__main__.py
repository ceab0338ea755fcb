"""`python -m rescuecmd` is the same as `rescuecmd`."""

from rescuecmd.cli.app import main

main()
