"""Why a challenger could not be compared with the champion, in words. Refuses a reason that is not listed."""

from dataclasses import dataclass
from typing import Literal

from perito.domain.words import Language

Kind = Literal["no_record", "other_split", "too_few_matured", "lacks_features", "nobody_looked", "unreadable", "moved"]


@dataclass(frozen=True)
class Obstacle:
    """One reason why there is no comparison; `detail` is what the sentence needs to be concrete."""

    kind: Kind
    detail: str = ""

    def sentence(self, champion: str, language: Language = Language.ENGLISH) -> str:
        """The reason, to follow "Not champion:"; `champion` is the version that reigns."""
        return _SENTENCES[language][self.kind].format(champion=champion, detail=self.detail)


_SENTENCES: dict[Language, dict[Kind, str]] = {
    Language.ENGLISH: {
        "no_record": "version {champion} is, and the record of version {detail} does not say which claims it learnt "
        "from, so no claim can be said to be new to it.",
        "other_split": "version {champion} is, and version {detail} may have learnt from the claims kept apart here, "
        "which no order in time tells.",
        "too_few_matured": "version {champion} is, and of the claims kept apart that neither learnt from, {detail} "
        "have a known outcome, too few of both kinds to compare on.",
        "lacks_features": "version {champion} is, and the two cannot be scored on the same table. {detail}",
        "nobody_looked": "version {champion} is, and nobody has looked at any claim that it would open.",
        "unreadable": "version {champion} is, and it cannot be loaded. {detail}",
        "moved": "the alias in MLflow stands at version {detail}, while the ledger says {champion}; somebody moved it "
        "without the ledger.",
    },
    Language.SPANISH: {
        "no_record": "lo es la versión {champion}, y el registro de la versión {detail} no dice de qué siniestros "
        "aprendió, así que de ninguno puede decirse que le sea nuevo.",
        "other_split": "lo es la versión {champion}, y la versión {detail} pudo aprender de los siniestros apartados "
        "aquí, sin un orden en el tiempo que lo aclare.",
        "too_few_matured": "lo es la versión {champion}, y de los siniestros apartados de los que ninguna aprendió, "
        "{detail} tienen resultado conocido, demasiado pocos de ambas clases para comparar.",
        "lacks_features": "lo es la versión {champion}, y las dos no pueden puntuar la misma tabla. {detail}",
        "nobody_looked": "lo es la versión {champion}, y nadie ha examinado ningún siniestro de los que abriría.",
        "unreadable": "lo es la versión {champion}, y no se puede cargar. {detail}",
        "moved": "el alias en MLflow está en la versión {detail} y el libro dice {champion}; alguien lo movió sin "
        "pasar por el libro.",
    },
}
