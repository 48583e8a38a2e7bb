"""Identifiers (phone, IBAN, address, e-mail, plate) become keyed hashes. Refuses to work without a key."""

from hashlib import blake2b

import pyarrow as pa

from perito.domain.errors import ParameterError
from perito.domain.words import IDENTIFIER_ROLES
from perito.engine import Engine

DIGEST_BYTES = 12
HASHES = "identifier hashes"
IDENTIFIERS = ", ".join(f"'{role}'" for role in sorted(IDENTIFIER_ROLES))


def check_key(hash_key: bytes) -> None:
    """Refuse keys that blake2b cannot use, and none at all.

    Raises
    ------
    ParameterError
        When the key is empty or longer than 64 bytes.
    """
    if not 1 <= len(hash_key) <= blake2b.MAX_KEY_SIZE:
        what = f"The hash key must have 1 to {blake2b.MAX_KEY_SIZE} bytes; it has {len(hash_key)}."
        raise ParameterError(what, where="hash_key", remedy="Pass a secret of that length and keep it for later runs.")


def hashed(identifier: str, hash_key: bytes) -> str:
    """The keyed hash of an identifier: blank space and case make no difference.

    Examples
    --------
    >>> hashed("ES 12", b"key") == hashed("es12 ", b"key")
    True
    """
    normal = "".join(identifier.casefold().split())
    return blake2b(normal.encode(), key=hash_key, digest_size=DIGEST_BYTES).hexdigest()


def hash_parties(raw: str, engine: Engine, hash_key: bytes) -> str:
    """A SELECT over the table `raw` in which every identifier is its hash, each party of a claim once."""
    query = f'SELECT DISTINCT party_id FROM "{raw}" WHERE role IN ({IDENTIFIERS})'
    found = [str(value) for value in engine.query(query)["party_id"].to_pylist()]
    hashes = [hashed(value, hash_key) for value in found]
    engine.load(HASHES, pa.table({"party_id": pa.array(found, pa.string()), "hash": pa.array(hashes, pa.string())}))
    party = f"CASE WHEN parties.role IN ({IDENTIFIERS}) THEN hashes.hash ELSE parties.party_id END"
    return (
        f'SELECT DISTINCT parties.claim_id, parties.role, {party} AS party_id FROM "{raw}" AS parties '
        f'LEFT JOIN "{HASHES}" AS hashes ON hashes.party_id = parties.party_id'
    )
