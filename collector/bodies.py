"""From the bytes of a body to what its JSON says: unpacked within a limit, decoded, or refused."""

import zlib
from typing import Any, Final, TypeVar

import cramjam
import msgspec

from collector.errors import malformed
from collector.http import Headers, TooLarge, header

NOT_JSON: Final = "Unable to parse request body as json"
ENCODINGS: Final = "only gzip and br are understood"
# RFC 7932, 9.1: these bits are reserved; some decoders take them for windows of up to 1 GB, all of
# which a packed body of a few hundred bytes could fill before the limit is looked at.
_BROTLI_HUGE_WINDOW: Final = b"\x11"
_BROTLI_FULL: Final = "failed to write whole buffer"

T = TypeVar("T")
OBJECT: Final = msgspec.json.Decoder(dict[str, Any])


def _unpack_gzip(body: bytes, bytes_max: int) -> bytes:
    unpacker = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        unpacked = unpacker.decompress(body, bytes_max + 1)
    except zlib.error as error:
        raise malformed("request", "Unable to unpack request body as gzip") from error
    if len(unpacked) > bytes_max:
        raise TooLarge
    if not unpacker.eof or unpacker.unused_data:
        raise malformed("request", "Unable to unpack request body as gzip")
    return unpacked


def _unpack_brotli(body: bytes, bytes_max: int) -> bytes:
    """Beside `bytes_max` the decoder's window takes up to 16 MB until this returns."""
    room = bytearray(bytes_max)  # the system gives only those of its pages that are written
    try:
        if body.startswith(_BROTLI_HUGE_WINDOW):
            raise malformed("request", "Unable to unpack request body as br")
        length = cramjam.brotli.decompress_into(body, room)
    except cramjam.DecompressionError as error:
        if str(error) == _BROTLI_FULL:
            raise TooLarge from error
        raise malformed("request", "Unable to unpack request body as br") from error
    return bytes(memoryview(room)[:length])


def unpack(body: bytes, encoding: str, bytes_max: int) -> bytes:
    """The body without its content encoding.

    Raises `TooLarge` before more than `bytes_max` is unpacked, `Rejected` for what cannot be.
    """
    match encoding:
        case "" | "identity":
            return body
        case "gzip" | "x-gzip":
            return _unpack_gzip(body, bytes_max)
        case "br":
            return _unpack_brotli(body, bytes_max)
        case _:
            raise malformed("content-encoding", ENCODINGS)


def decode(data: bytes | msgspec.Raw, decoder: msgspec.json.Decoder[T]) -> T:
    """What the decoder makes of JSON. Raises `Rejected` naming `request`.

    RecursionError: brackets nested deeper than the interpreter's stack; ValueError covers broken
    JSON, broken UTF-8, numbers out of range and what the decoder does not expect.
    """
    try:
        return decoder.decode(data)
    except (ValueError, RecursionError) as error:
        raise malformed("request", NOT_JSON) from error


def read_json(headers: Headers, body: bytes, bytes_max: int, decoder: msgspec.json.Decoder[T]) -> T:
    """The JSON in a body, packed or not. Raises `TooLarge`, `Rejected`."""
    encoding = header(headers, "content-encoding").strip().lower()
    return decode(unpack(body, encoding, bytes_max) if encoding else body, decoder)
