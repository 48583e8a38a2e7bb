"""The sentences that say why claims are a ring, in English and Spanish. Refuses figures of its own."""

from perito.domain.words import Language, Role
from perito.rings.ring import ClaimPath, Ring, SharedParty

_ROLES: dict[str, tuple[str, str]] = {
    Role.CLAIMANT: ("a claimant", "un reclamante"),
    Role.DRIVER: ("a driver", "un conductor"),
    Role.WITNESS: ("a witness", "un testigo"),
    Role.GARAGE: ("a garage", "un taller"),
    Role.BROKER: ("a broker", "un mediador"),
    Role.LAWYER: ("a lawyer", "un abogado"),
    Role.PHYSICIAN: ("a physician", "un médico"),
    Role.PROVIDER: ("a provider", "un proveedor"),
    Role.PHONE: ("a phone", "un teléfono"),
    Role.IBAN: ("a bank account", "una cuenta bancaria"),
    Role.ADDRESS: ("an address", "una dirección"),
    Role.EMAIL: ("an email address", "un correo electrónico"),
    Role.PLATE: ("a number plate", "una matrícula"),
}


def evidence(ring: Ring, language: Language = Language.ENGLISH) -> tuple[str, ...]:
    """Why the claims are listed together: the shared parties, the outcomes, the time, and what chance would do."""
    return (
        *(shared_sentence(party, language) for party in ring.shared),
        *_outcomes(ring, language),
        _time(ring, language),
        _chance(ring, language),
    )


def shared_sentence(party: SharedParty, language: Language = Language.ENGLISH) -> str:
    """One shared party: `A bank account is shared by 5 claims of 4 policyholders, 3 of them substantiated`."""
    name = _name(party.role, language)
    if language is Language.SPANISH:
        holders = _many(party.policyholders, "tomador", "tomadores")
        found = f", {_many(party.substantiated, 'confirmado', 'confirmados')}" if party.substantiated else ""
        rest = f"; figura en {party.claims_in_book} de toda la cartera" if party.claims_in_book > party.claims else ""
        return f"{_many(party.claims, 'siniestro', 'siniestros')} de {holders} comparten {name}{found}{rest}"
    found = f", {party.substantiated} of them substantiated" if party.substantiated else ""
    holders = _many(party.policyholders, "policyholder", "policyholders")
    rest = f"; {party.claims_in_book} claims of the whole book name it" if party.claims_in_book > party.claims else ""
    return (
        f"{name[0].upper()}{name[1:]} is shared by {_many(party.claims, 'claim', 'claims')} of {holders}{found}{rest}"
    )


def path_sentence(path: ClaimPath, language: Language = Language.ENGLISH) -> str:
    """What ties one claim to its ring: `C12: a bank account, a witness`."""
    return f"{path.claim_id}: {', '.join(_name(role, language) for role, _ in path.parties)}"


def _name(role: str, language: Language) -> str:
    english, spanish = _ROLES[role]
    return spanish if language is Language.SPANISH else english


def _many(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"


def _outcomes(ring: Ring, language: Language) -> tuple[str, ...]:
    decided, rate = ring.substantiated + ring.not_substantiated, ring.evidence.book_substantiated_rate
    if not decided or rate is None:
        return ()
    if language is Language.SPANISH:
        told = _many(ring.substantiated, "confirmado", "confirmados")
        found = _many(decided, "siniestro resuelto", "siniestros resueltos")
        return (f"{found}, {told}; en toda la cartera se confirma el {100 * rate:.0f} %",)
    found = _many(decided, "decided claim", "decided claims")
    return (f"{ring.substantiated} of {found} substantiated; in the whole book {rate:.0%} are",)


def _time(ring: Ring, language: Language) -> str:
    days = (ring.last_reported_at.date() - ring.first_reported_at.date()).days + 1
    if language is Language.SPANISH:
        return f"Los {len(ring.claims)} siniestros se comunicaron en {_many(days, 'día', 'días')}"
    return f"All {len(ring.claims)} claims were reported within {_many(days, 'day', 'days')}"


def _chance(ring: Ring, language: Language) -> str:
    power = int(ring.score)
    if power < 1:
        number = 10**-ring.score
        if language is Language.SPANISH:
            return f"El azar formaría {number:.1f} grupos así en toda la cartera".replace(".", ",")
        return f"Chance would make {number:.1f} such groups in the whole book"
    if language is Language.SPANISH:
        return f"El azar formaría un grupo así en menos de una de cada 10^{power} carteras"
    return f"Chance would make such a group in fewer than one of 10^{power} books"
