"""QR codes as SVG that a page may hold under a policy without inline style or script."""

from __future__ import annotations

import io

import segno


def svg(text: str, *, title: str) -> str:
    """The text as a QR code of error level M or better, in dark on light with its quiet zone.

    No size of its own: the page gives it one. Screen readers say `title`. At most some 2,300 bytes of text.
    """
    code = segno.make_qr(text, error="m")
    # Not svg_inline, which leaves the namespace out: a page that parses the text as XML needs it.
    drawn = io.BytesIO()
    code.save(
        drawn,
        kind="svg",
        dark="#000",
        light="#fff",
        title=title,
        xmldecl=False,
        nl=False,
        omitsize=True,
        svgclass=None,
        lineclass=None,
    )
    return drawn.getvalue().decode().replace("<svg ", '<svg role="img" ', 1)
