"""Answers verification jobs with sigstore: one JSON object a line in, one a line out."""

import base64
import json
import sys
import time
from collections.abc import Callable

from sigstore.dsse import Statement
from sigstore.hashes import HashAlgorithm, Hashed
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier
from sigstore.verify.policy import Identity

IN_TOTO = "application/vnd.in-toto+json"

verifiers: dict[str, Verifier] = {}


class Unsupported(Exception):
    """The job is beyond what the library offers."""


class OtherSubject(Exception):
    """The statement does not speak of the artifact."""


def main() -> None:
    for line in sys.stdin:
        print(json.dumps(perform(json.loads(line))), flush=True)


def perform(job: dict) -> dict:
    try:
        check = prepare(job)
        check()
    except Unsupported as error:
        return {"outcome": "unsupported", "error": str(error)}
    except Exception as error:  # whatever stops the library, it did not accept
        return {"outcome": "rejected", "error": f"{type(error).__name__}: {error}"}
    match job["operation"]:
        case "verify":
            return {"outcome": "accepted"}
        case "bench":
            return {"outcome": "accepted", "cpuMicroseconds": measure(job["iterations"], check)}
    raise ValueError(f"unknown operation {job['operation']}")


def prepare(job: dict) -> Callable[[], None]:
    """Reads what is not part of the bundle; the function that it returns parses and verifies."""
    if "publicKey" in job:
        raise Unsupported("signatures by a key without a certificate cannot be verified")
    verifier = verifier_of(job["trustedRoot"])
    policy = Identity(identity=job["certificateIdentity"], issuer=job["certificateOidcIssuer"])
    artifact = hashed(job["artifactDigest"])
    content = base64.b64decode(job["bundle"])

    def check() -> None:
        bundle = Bundle.from_json(content)
        if bundle._dsse_envelope is None:
            verifier.verify_artifact(artifact, bundle, policy)
            return
        # The rest of what the program `sigstore verify` does with a statement.
        payload_type, payload = verifier.verify_dsse(bundle, policy)
        if payload_type != IN_TOTO:
            raise OtherSubject(f"the payload is {payload_type}")
        if not Statement(payload)._matches_digest(artifact):
            raise OtherSubject("no subject has the digest")

    return check


def verifier_of(path: str) -> Verifier:
    if path not in verifiers:
        verifiers[path] = Verifier(trusted_root=TrustedRoot.from_file(path))
    return verifiers[path]


def hashed(digest: str) -> Hashed:
    algorithm, value = digest.split(":")
    if algorithm != "sha256":
        raise Unsupported(f"artifacts are named by SHA-256, not by {algorithm}")
    return Hashed(algorithm=HashAlgorithm.SHA2_256, digest=bytes.fromhex(value))


def measure(iterations: int, check: Callable[[], None]) -> float:
    before = time.process_time()
    for _ in range(iterations):
        check()
    return (time.process_time() - before) * 1e6 / iterations


main()
