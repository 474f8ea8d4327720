"""Writes buf/validate/validate.proto as a FileDescriptorSet that protoc takes by --descriptor_set_in.

npm's @bufbuild/protovalidate holds it only inside its JavaScript, as the base64 of a FileDescriptorProto
without its imports (named beside it) and without JSON names (protoc makes them again).

    validate_descriptor.py <validate_pb.js> <validate.binpb>
"""

import base64
import re
import sys

from google.protobuf import descriptor_pb2

EMBEDDED = re.compile(r'fileDesc\)?\("([A-Za-z0-9+/]+)",\s*\[([^\]]*)\]\)')


def main(source, target):
    with open(source, encoding="utf-8") as script:
        found = EMBEDDED.search(script.read())
    if not found:
        sys.exit(f"no embedded descriptor in {source}")
    encoded, imports = found.groups()

    files = descriptor_pb2.FileDescriptorSet()
    file = files.file.add()
    file.ParseFromString(base64.b64decode(encoded + "=" * (-len(encoded) % 4)))
    file.dependency.extend(
        f"google/protobuf/{name}.proto" for name in re.findall(r"file_google_protobuf_(\w+)", imports)
    )

    with open(target, "wb") as out:
        out.write(files.SerializeToString())


main(*sys.argv[1:])
