"""Bytes -> text, and the repair of text that somebody decoded wrongly before."""

from __future__ import annotations

import codecs
import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ftfy import TextFixerConfig

SAMPLE = 1 << 16
LATIN_SHARE = 0.15

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffd]")
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad]")
_SUSPECT = re.compile(
    "[^\x00-\x7f]{2}|[ÃÂâ] |&#?[A-Za-z0-9]{1,32};|[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufb00-\ufb06\ufffd]"
)
"""What ftfy could mend; mojibake is always two or more such characters, or one that lost its second to a space."""
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)


def control_share(text: str) -> float:
    """Share of characters that no text has, 0 for an empty one.

    Examples
    --------
    >>> control_share("a\\x01\\x02\\n")
    0.5
    """
    return len(_CONTROL.findall(text)) / len(text) if text else 0.0


def encoding_of(data: bytes) -> str:
    """Name of the encoding of `data`, which may be the start of a file.

    UTF-8 unless it cannot be, then what an HTML page says of itself, then Windows' Western encoding
    if nearly all is ASCII (English text with curly quotes), then charset-normalizer's best guess.

    Examples
    --------
    >>> encoding_of("naïve".encode()), encoding_of("Applicants’ skills: a résumé is welcome".encode("cp1252"))
    ('utf-8', 'cp1252')
    """
    for bom, name in _BOMS:
        if data.startswith(bom):
            return name
    lenient = codecs.getincrementaldecoder("utf-8")("replace").decode(data)
    bad = lenient.count("\ufffd")
    foreign = sum(char > "\x7f" for char in lenient) if bad else 0
    if bad <= foreign - bad:  # a file cut in the middle of a character, one broken byte
        return "utf-8"
    if (meta := _META.search(data[:4096])) and (declared := _codec(meta.group(1).decode("ascii"))):
        return declared
    if sum(byte > 0x7F for byte in data) <= LATIN_SHARE * len(data):
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(data[:SAMPLE]).best()
    return best.encoding if best else "cp1252"


def _codec(name: str) -> str | None:
    try:
        found = codecs.lookup(name).name
        if b"a".decode(found) != "a" or "escape" in found:
            return None
    except (LookupError, ValueError):  # unknown, or no encoding of text
        return None
    return {"iso8859-1": "cp1252", "ascii": "cp1252", "utf-8": None}.get(found, found)  # as browsers do


def decode(data: bytes) -> str:
    """Decode a whole text; what cannot be decoded becomes U+FFFD.

    Examples
    --------
    >>> decode(b"\\xef\\xbb\\xbfcaf\\xc3\\xa9")
    'café'
    """
    try:
        if not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")):
            return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    return data.decode(encoding_of(data), "replace")


@cache
def _config() -> TextFixerConfig:
    from ftfy import TextFixerConfig

    return TextFixerConfig(uncurl_quotes=False, fix_character_width=False, normalization=None, explain=False)


def repair(text: str) -> str:
    r"""Mend mojibake and escapes, make line ends ``\n``, drop invisible characters; for files only.

    What looks binary is left as it is, so that it is refused.

    Examples
    --------
    >>> repair("the teamâ€™s goals\r\nR&amp;D")
    'the team’s goals\nR&D'
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not _SUSPECT.search(text):
        return text if text.isascii() else _INVISIBLE.sub("", text)
    if "\0" in text or control_share(text[:SAMPLE]) > 0.05:
        return text
    from ftfy import fix_text

    return _INVISIBLE.sub("", fix_text(text, _config()))
