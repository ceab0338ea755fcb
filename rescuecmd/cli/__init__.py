"""The command line: one typer application, every command with ``--json``, exit codes in the help.

`app` puts it together and loads a command's module only when it is asked for. Commands raise our errors; `console`
is the one place that turns them into a line (or, with ``--json``, an object) and an exit code. A command that ends
with a code of its own says ``raise typer.Exit(code)``.
"""
