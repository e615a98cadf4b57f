"""Reads the event files of a run folder as TensorBoard does: checksums, messages, restarts.

Expected: the record format of TensorFlow (tfrecord) and the messages Event, Summary and SessionLog, decoded here
from their published field numbers with nothing of dmcvr's own.

    read_events.py FOLDER      one JSON line per scalar {tag, step, value} and picture {tag, step, width, height}
"""
import glob
import json
import os
import struct
import sys
import zlib

TABLE = []
for i in range(256):
    for _ in range(8):
        i = (i >> 1) ^ (0x82F63B78 if i & 1 else 0)
    TABLE.append(i)


def masked_crc(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def records(path):
    data = open(path, "rb").read()
    at = 0
    while at + 12 <= len(data):
        length, crc = struct.unpack_from("<QI", data, at)
        assert crc == masked_crc(data[at : at + 8]), "checksum of a length"
        end = at + 12 + length
        if end + 4 > len(data):
            break  # a killed run's last record
        assert struct.unpack_from("<I", data, end)[0] == masked_crc(data[at + 12 : end]), "checksum of a record"
        yield data[at + 12 : end]
        at = end + 4


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def fields(data):
    """Number -> list of values of one message."""
    found, at = {}, 0
    while at < len(data):
        key, at = varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = varint(data, at)
        elif wire == 1:
            value, at = struct.unpack_from("<d", data, at)[0], at + 8
        elif wire == 5:
            value, at = struct.unpack_from("<f", data, at)[0], at + 4
        elif wire == 2:
            length, at = varint(data, at)
            value, at = data[at : at + length], at + length
        else:
            raise AssertionError(f"wire type {wire}")
        found.setdefault(number, []).append(value)
    return found


def png_size(data):
    """Width and height of an 8-bit RGB picture; all its chunks and pixels are checked."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, pixels = 8, b""
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", data, at + 8 + length)[0] == zlib.crc32(kind + body), kind
        if kind == b"IHDR":
            width, height, depth, color = struct.unpack_from(">IIBB", body)
            assert (depth, color) == (8, 2)
        if kind == b"IDAT":
            pixels += body
        at += 12 + length
    assert len(zlib.decompress(pixels)) == height * (1 + 3 * width)
    return width, height


shown = []
for path in sorted(glob.glob(os.path.join(sys.argv[1], "events.out.tfevents.*"))):
    for index, record in enumerate(records(path)):
        event = fields(record)
        assert event[1][0] > 1.6e9, "time"
        if index == 0:
            assert event[3] == [b"brain.Event:2"], "the first record holds the version"
        step = event.get(2, [0])[0]
        if 7 in event and fields(event[7][0])[1] == [1]:  # a session starts: later steps are void
            shown = [line for line in shown if line["step"] < step]
        for value in fields(event[5][0])[1] if 5 in event else []:
            value = fields(value)
            line = {"tag": value[1][0].decode(), "step": step}
            if 2 in value:
                line["value"] = value[2][0]
            if 4 in value:
                image = fields(value[4][0])
                line["height"], line["width"] = image[1][0], image[2][0]
                assert image[3] == [3] and png_size(image[4][0]) == (line["width"], line["height"])
            shown.append(line)
for line in shown:
    print(json.dumps(line))
