"""Makes `assets/managed-policies.tsv` and `.zz`: the AWS managed policies as AWS publishes them, from the copy in moto.

The table says of each policy what `get-policy` says, and where its document is: in which block, in which line of it.
The other file holds the blocks, each a zlib stream behind its length in four bytes, the first byte counting most.
"""

import json
import zlib

TABLE = "assets/managed-policies.tsv"
BLOCKS = "assets/managed-policies.zz"
# Larger blocks take less room, smaller ones are opened faster: one is opened for the first policy that is asked for.
BLOCK_BYTES = 32 << 10
HEADER = "# name\tpath\tdefault version\tcreated\tupdated\tblock\tline\n"


class Blocks:
    """Texts that are kept compressed. They are compared by what they say: compressors differ in their bytes."""

    def __init__(self, texts):
        self.texts = texts

    def __eq__(self, other):
        return isinstance(other, Blocks) and self.texts == other.texts

    def encode(self):
        """Returns the bytes of the file."""
        packed = (zlib.compress(text.encode(), 9) for text in self.texts)
        return b"".join(len(block).to_bytes(4, "big") + block for block in packed)

    @staticmethod
    def decode(data):
        """Reads the file."""
        texts = []
        while data:
            end = 4 + int.from_bytes(data[:4], "big")
            texts.append(zlib.decompress(data[4:end]).decode())
            data = data[end:]
        return Blocks(texts)

    def lines(self):
        """Returns everything as one text."""
        return "".join(self.texts)


def read(moto):
    """Returns every policy that moto has, by name. They are one text of JSON in a Python file."""
    source = moto.text("moto/iam/aws_managed_policies.py")
    return json.loads(source.split('"""')[1])


def make(moto):
    """Returns both assets by path."""
    table, texts = [HEADER], [""]
    for name, policy in sorted(read(moto).items()):
        document = json.dumps(policy["Document"], separators=(",", ":"), ensure_ascii=False) + "\n"
        if texts[-1] and len(texts[-1]) + len(document) > BLOCK_BYTES:
            texts.append("")
        cells = [name, policy["Path"], policy["DefaultVersionId"], policy["CreateDate"], policy["UpdateDate"]]
        table.append("\t".join([*cells, str(len(texts) - 1), str(texts[-1].count("\n"))]) + "\n")
        texts[-1] += document
    return {TABLE: "".join(table), BLOCKS: Blocks(texts)}
