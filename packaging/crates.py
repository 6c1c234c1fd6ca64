# SPDX-License-Identifier: GPL-2.0-or-later
"""Lists the crates in the native library with their licenses.

Reads the output of `cargo metadata' from standard input.
"""

import json
import pathlib
import sys

metadata = json.load(sys.stdin)
packages = {package["id"]: package for package in metadata["packages"]}
nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}


def linked(identity, found):
    """What is linked into a crate: neither macros nor what only builds or tests it."""
    if identity in found or is_macro(packages[identity]):
        return found
    found.add(identity)
    for dependency in nodes[identity]["deps"]:
        if any(kind["kind"] is None for kind in dependency["dep_kinds"]):
            linked(dependency["pkg"], found)
    return found


def is_macro(package):
    return any("proc-macro" in target["kind"] for target in package["targets"])


def texts(package):
    folder = pathlib.Path(package["manifest_path"]).parent
    return [
        file.read_text().strip()
        for pattern in ("LICEN[SC]E*", "COPY*", "UNLICENSE*", "NOTICE*")
        for file in sorted(folder.glob(pattern))
        if file.is_file()
    ]


root = next(
    identity for identity, package in packages.items() if package["name"] == "e2e_policy_nif"
)
crates = [packages[identity] for identity in linked(root, set()) if packages[identity]["source"]]
crates.sort(key=lambda package: (package["name"], package["version"]))

print(
    "The native library of mod_e2e_policy contains the Rust standard library (MIT or Apache-2.0,\n"
    "the Rust Project Developers) and these crates:\n"
)
for crate in crates:
    print(f"  {crate['name']} {crate['version']}: {crate['license']}")

# A text that several crates share is printed once.
sharers = {}
for crate in crates:
    for text in texts(crate):
        sharers.setdefault(text, []).append(crate["name"])
for text, names in sharers.items():
    print(f"\n{'=' * 80}\n{', '.join(names)}:\n\n{text}")
