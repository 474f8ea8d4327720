"""ICU's data, 31 MB of all the world's calendars and names, cut to what services use of it: reading files in GB 18030."""

import pathlib
import re
import subprocess
import tempfile

WANTED = {"gb18030.cnv", "cnvalias.icu"}  # the encoding, and the names that encodings are asked for by


def write(library, target):
    """Makes, in place of ICU's library of data, one that holds only what is wanted, under the same name and symbol."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        symbol = extract(library, folder / "icudt72l.dat")
        listed = run("/usr/sbin/icupkg", "-l", folder / "icudt72l.dat").split()
        (folder / "unwanted.txt").write_text("\n".join(sorted(set(listed) - WANTED)))
        # The file's name becomes part of every entry's, by which ICU asks for it.
        wanted = folder / "wanted" / "icudt72l.dat"
        wanted.parent.mkdir()
        run("/usr/sbin/icupkg", "-r", folder / "unwanted.txt", folder / "icudt72l.dat", wanted)
        (folder / "data.s").write_text(
            f'.section .rodata\n.balign 16\n.global {symbol}\n.type {symbol}, @object\n{symbol}:\n'
            f'.incbin "{wanted}"\n.size {symbol}, . - {symbol}\n.section .note.GNU-stack\n')
        run("gcc", "-shared", "-nostdlib", f"-Wl,-soname,{pathlib.Path(library).name}", folder / "data.s", "-o", target)


def extract(library, target):
    """Copies the data out of the library; the symbol it stands under."""
    symbols = run("readelf", "--wide", "--dyn-syms", library)
    address, size, symbol = re.search(r"(\w+)\s+(\w+) OBJECT\s+GLOBAL DEFAULT\s+\d+ (icudt\d+_dat)", symbols).groups()
    sections = run("readelf", "--wide", "--section-headers", library)
    begin, offset = re.search(r"\.rodata\s+PROGBITS\s+(\w+) (\w+)", sections).groups()
    where = int(address, 16) - int(begin, 16) + int(offset, 16)
    target.write_bytes(pathlib.Path(library).read_bytes()[where:where + int(size, 0)])
    return symbol


def run(*command):
    return subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE, text=True).stdout
