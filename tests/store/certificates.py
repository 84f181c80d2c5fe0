"""A certificate authority of our own, made by openssl in a directory of the test.

SPDX-License-Identifier: MIT
"""
import os
import subprocess

NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)


class Authority:
    def __init__(self, directory, name):
        self.directory = str(directory)
        self.name = name
        self.certificate, self.key = self._path(name, "crt"), self._path(name, "key")
        openssl("req", "-x509", *NEW_KEY, "-keyout", self.key, "-out", self.certificate,
                "-days", "2", "-subj", f"/CN={name}")

    def _path(self, name, suffix):
        return os.path.join(self.directory, f"{name}.{suffix}")

    def issue(self, name, alternative):
        """(certificate, key) for a subject alternative name: "DNS:localhost", "IP:127.0.0.1"."""
        certificate, key = self._path(name, "crt"), self._path(name, "key")
        request, extension = self._path(name, "csr"), self._path(name, "ext")
        with open(extension, "w", encoding="ascii") as file:
            file.write(f"subjectAltName={alternative}\n")
        openssl("req", *NEW_KEY, "-keyout", key, "-out", request, "-subj", f"/CN={name}")
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key,
                "-CAcreateserial", "-days", "2", "-extfile", extension, "-out", certificate)
        return certificate, key
