"""QR codes, drawn here: nothing is asked of any other address."""


def qr_picture(text: str) -> str:
    """Return a QR code as a `data:` address of an SVG picture, black on white in any theme."""
    import segno  # noqa: PLC0415  (a server that enrols nobody needs no QR code)

    code = segno.make(text, error="m", micro=False)
    return str(code.svg_data_uri(scale=6, border=4, dark="#000", light="#fff"))
