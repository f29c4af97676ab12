"""Certificates of a test's own authority: for a name, expired or not."""

from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from backend import clock


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


class Authority:
    """Signs certificates; `root` is the file that a client trusts it by."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        self.root = folder / f"{name}.pem"
        own = self._begin(name, self._key.public_key(), 0).add_extension(x509.BasicConstraints(True, None), True)
        self.root.write_bytes(own.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def _begin(self, name: str, key: ec.EllipticCurvePublicKey, age_days: int) -> x509.CertificateBuilder:
        begun = clock.now() - timedelta(days=age_days + 1)
        return (
            x509.CertificateBuilder()
            .subject_name(_named(name))
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(begun)
            .not_valid_after(begun + timedelta(days=30))
        )

    def sign(self, host: str, *, age_days: int = 0, password: str | None = None) -> tuple[str, str]:
        """Certificate and key in PEM for that name, made `age_days` ago; they are valid for 29 days.

        `password`: the key is encrypted with it.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.SubjectAlternativeName([x509.DNSName(host)])
        made = self._begin(host, key.public_key(), age_days).add_extension(name, False).sign(self._key, hashes.SHA256())
        locked: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if password is not None:
            locked = serialization.BestAvailableEncryption(password.encode())
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked)
        return made.public_bytes(serialization.Encoding.PEM).decode(), private.decode()
