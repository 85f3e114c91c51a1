"""The certificate that Flink's REST interface shares with its clients: created once, kept in the state folder."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)

_NAME = "recommndr-flink"
_DAYS = 3_650  # only the installation's own processes use it; a new installation creates a new one


def ensure_identity(file: Path) -> None:
    """Write key and certificate as PEM, for the owner only, unless the file exists."""
    if file.exists():
        return
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, _NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
    )
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
        written.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        written.write(certificate.public_bytes(Encoding.PEM))
    draft.rename(file)


def write_keystore(identity: Path, keystore: Path, password: str) -> None:
    """The same key and certificate as a Java keystore."""
    pem = identity.read_bytes()
    key = cast("ec.EllipticCurvePrivateKey", load_pem_private_key(pem, None))
    certificate = x509.load_pem_x509_certificate(pem)
    encryption = BestAvailableEncryption(password.encode())
    keystore.touch(mode=0o600)
    keystore.write_bytes(pkcs12.serialize_key_and_certificates(_NAME.encode(), key, certificate, None, encryption))
