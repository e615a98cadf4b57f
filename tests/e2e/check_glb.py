"""Reads GLB files by the letter of glTF 2.0 and prints name, vertices, triangles and volume in ml of each.

    check_glb.py FILE...
"""
import json
import struct
import sys

WORDS = {5125: ("I", 4), 5126: ("f", 4)}  # componentType: of struct, bytes
PARTS = {"SCALAR": 1, "VEC3": 3}


def chunks_of(data):
    magic, version, length = struct.unpack_from("<4sII", data, 0)
    assert magic == b"glTF" and version == 2 and length == len(data), (magic, version, length, len(data))
    place, chunks = 12, []
    while place < length:
        size, kind = struct.unpack_from("<I4s", data, place)
        assert size % 4 == 0 and place + 8 + size <= length, (place, size)
        chunks.append((kind, data[place + 8 : place + 8 + size]))
        place += 8 + size
    assert [kind for kind, _ in chunks] == [b"JSON", b"BIN\0"], chunks
    return chunks[0][1], chunks[1][1]


def strict(pairs):
    keys = [key for key, _ in pairs]
    assert len(set(keys)) == len(keys), keys
    return dict(pairs)


def refuse(word):
    raise AssertionError(f"{word} is no number of JSON")


def elements(content, buffer, index, target):
    """The accessor's elements, inside its view, which is inside the buffer."""
    accessor = content["accessors"][index]
    view = content["bufferViews"][accessor["bufferView"]]
    assert view["buffer"] == 0 and view["target"] == target and "byteStride" not in view
    word, size = WORDS[accessor["componentType"]]
    parts = PARTS[accessor["type"]]
    begin = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
    length = accessor["count"] * parts * size
    assert accessor["count"] >= 1 and begin % size == 0
    assert accessor.get("byteOffset", 0) + length <= view["byteLength"]
    assert view.get("byteOffset", 0) + view["byteLength"] <= content["buffers"][0]["byteLength"]
    flat = struct.unpack_from(f"<{accessor['count'] * parts}{word}", buffer, begin)
    found = [flat[i : i + parts] for i in range(0, len(flat), parts)]
    for key, choose in (("min", min), ("max", max)):
        if key in accessor:
            assert accessor[key] == [choose(axis) for axis in zip(*found)], (key, accessor[key])
    return found


def read(path):
    with open(path, "rb") as file:
        text, buffer = chunks_of(file.read())
    content = json.loads(text.decode("utf-8"), object_pairs_hook=strict, parse_constant=refuse)
    assert content["asset"]["version"] == "2.0" and content["asset"]["extras"]["space"] == "RAS"
    assert len(content["buffers"]) == 1 and "uri" not in content["buffers"][0]
    assert 0 <= len(buffer) - content["buffers"][0]["byteLength"] < 4
    (root,) = content["scenes"][content["scene"]]["nodes"]
    node = content["nodes"][root]
    mesh = content["meshes"][node["mesh"]]
    (primitive,) = mesh["primitives"]
    assert primitive.get("mode", 4) == 4
    assert {"min", "max"} <= set(content["accessors"][primitive["attributes"]["POSITION"]])
    places = elements(content, buffer, primitive["attributes"]["POSITION"], 34962)
    normals = elements(content, buffer, primitive["attributes"]["NORMAL"], 34962)
    indices = [index for (index,) in elements(content, buffer, primitive["indices"], 34963)]
    assert len(normals) == len(places) and len(indices) % 3 == 0 and max(indices) < len(places)
    assert all(abs(sum(x * x for x in normal) - 1) < 1e-5 for normal in normals)
    color = content["materials"][primitive["material"]]["pbrMetallicRoughness"]["baseColorFactor"]
    assert len(color) == 4 and all(0 <= share <= 1 for share in color)

    # Where a viewer puts it: meters.
    m = node["matrix"]
    assert len(m) == 16 and m[3::4] == [0, 0, 0, 1]
    world = [tuple(sum(m[4 * c + r] * p[c] for c in range(3)) + m[12 + r] for r in range(3)) for p in places]
    volume, along = 0, 0
    for i in range(0, len(indices), 3):
        a, b, c = (world[index] for index in indices[i : i + 3])
        face = tuple((b[k] - a[k]) * (c[l] - a[l]) - (b[l] - a[l]) * (c[k] - a[k]) for k, l in ((1, 2), (2, 0), (0, 1)))
        volume += sum(x * y for x, y in zip(a, face)) / 6
        n = normals[indices[i]]
        along += sum(sum(m[4 * k + r] * n[k] for k in range(3)) * face[r] for r in range(3)) > 0
    assert along > 0.98 * len(indices) / 3, "normals and triangles face different ways"
    return node["name"], len(places), len(indices) // 3, 1e6 * volume


for name in sys.argv[1:]:
    print(*read(name))
