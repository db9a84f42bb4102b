"""What the frame of every page needs: its address as a QR code, and its subject as JSON-LD."""

import io
import json
from functools import lru_cache

import segno
from django import template
from django.utils.safestring import mark_safe

register = template.Library()

# A longer address makes a code that phones read badly from paper; the address itself stands beside it.
LONGEST = 300
# Not to be taken for markup inside a script element.
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@register.simple_tag
@lru_cache(maxsize=1024)
def qr(address: str) -> str:
    """An address as the picture of a QR code (SVG); empty for one that is too long.

    Inside the page and not a picture of its own: a browser loads no hidden picture in time for printing. One fixed mask
    is as readable as the best of eight and takes a quarter of the time.
    """
    if len(address) > LONGEST:
        return ""
    picture = io.BytesIO()
    segno.make(address, error="m", boost_error=False, micro=False, mask=3).save(
        picture, kind="svg", xmldecl=False, svgclass="qr", lineclass=None, omitsize=True, nl=False
    )
    return mark_safe(picture.getvalue().decode().replace("<svg ", '<svg aria-hidden="true" ', 1))


@register.simple_tag
def linked_data(subject: dict) -> str:
    """A subject of schema.org as a script element that holds data and runs nothing; empty for none."""
    if not subject:
        return ""
    text = json.dumps({"@context": "https://schema.org", **subject}, ensure_ascii=False, separators=(",", ":"))
    return mark_safe(f'<script type="application/ld+json">{text.translate(ESCAPES)}</script>')
