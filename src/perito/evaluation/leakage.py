"""Gates that look for knowledge a claim's assessor would not have had.

Refuses to judge a column by a test label, and to drop one in silence: every gate answers
with findings that name the column, the figure and what was done.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from perito.datasets.spec import SplitKind
from perito.domain.opinions import Finding
from perito.domain.words import Language
from perito.evaluation.bootstrap import Interval
from perito.evaluation.column_gates import halve, knows_the_outcome
from perito.evaluation.decided_gates import only_when_decided
from perito.evaluation.time_gates import marks_time
from perito.evaluation.wording import say
from perito.features.columns import FeatureColumn

Hashes = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]

NOT_LEARNT_FROM = frozenset({"blocked", "left_out", "asked"})
"""Actions after which a column is no longer a feature."""
CONFIRMABLE = frozenset({"left_out", "asked"})
"""Actions that the owner of the data may take back. What knows the outcome stays blocked."""
DUPLICATED_SHARE = 0.01
"""Share of the claims that must have a twin before it is said."""
BEYOND_CHANCE = 3.0
"""And how many times more twins there must be than when halves of the columns are shuffled."""


def find_leaks(
    frame: pd.DataFrame,
    columns: Sequence[FeatureColumn],
    label: pd.Series,
    reported_at: pd.Series,
    *,
    train: Collection[object],
    test: Collection[object],
    kind: SplitKind = "time",
    policy_id: pd.Series | None = None,
    decided: pd.Series | None = None,
    own: Collection[str] | None = None,
    seed: int = 0,
    language: Language = Language.ENGLISH,
) -> tuple[Finding, ...]:
    """Run every gate that needs no model over a table of features.

    `frame`: one row per `claim_id` (the index), the features of `columns`. `label`,
    `reported_at`, `policy_id` and `decided` share that index; `label` is null where
    unknown, `decided` says whether anybody had decided the claim when the test period
    began. `train` and `test` hold claim ids, as in a `SplitPlan`, and `kind` is its kind.
    `own` names the columns that speak of the claim alone and not of its history, by which
    copies are known; all of them unless said. Only labels of `train` are read.

    Checks: `knows_the_outcome` (action `blocked`, or `asked` where it is in doubt),
    `only_when_decided` (`asked`), `marks_time` (`left_out` in a time split, else
    `warned`), `duplicated_rows` and `group_overlap` (`warned`).
    """
    chosen = tuple(columns)
    training, testing = (frame.index.isin(list(side)) for side in (train, test))
    known, instants = label.reindex(frame.index), reported_at.reindex(frame.index)
    order = None if kind == "time" else seed
    halves = halve(known, instants, training, seed=order)
    findings = list(knows_the_outcome(frame, chosen, halves, seed=seed, language=language))
    if decided is not None:
        looked_at = decided.reindex(frame.index).astype(np.float64)
        # A split without time keeps every undecided claim for scoring: it is undecided on either side.
        known_then = training if kind == "time" else training | (looked_at == 0).to_numpy()
        findings += only_when_decided(frame, chosen, halve(looked_at, instants, known_then, seed=order), language)
    if instants.notna().all():
        action = "left_out" if kind == "time" else "warned"
        findings += marks_time(frame, chosen, instants, training, action=action, seed=seed, language=language)
    copied = frame[[column.name for column in chosen if own is None or column.name in own]]
    findings += _copies(copied, training, testing, seed, language)
    if kind == "random" and policy_id is not None:
        policies = policy_id.reindex(frame.index)
        findings += _group_overlap(policies[training], policies[testing & known.notna().to_numpy()], language)
    return tuple(findings)


def settle(
    findings: Sequence[Finding], confirmed: Collection[str] = (), *, language: Language = Language.ENGLISH
) -> tuple[Finding, ...]:
    """What is done about each finding once the owner of the data has spoken.

    A column in `confirmed` is kept although it was left out or asked about: its finding is
    `warned`. What is still asked says how to answer. A blocked column stays blocked, and no
    more is asked about it.
    """
    blocked = {finding.column for finding in findings if finding.action == "blocked"}
    asked_twice = [one for one in findings if one.action == "asked" and one.column in blocked]
    return tuple(_settled(one, confirmed, language) for one in findings if one not in asked_twice)


def _settled(finding: Finding, confirmed: Collection[str], language: Language) -> Finding:
    words = _WORDS[language]
    if finding.action in CONFIRMABLE and finding.column in confirmed:
        return replace(finding, evidence=f"{finding.evidence} {words['confirmed']}", action="warned")
    if finding.action == "asked":
        question = say(words["asked"], language, column=finding.column)
        return replace(finding, evidence=f"{finding.evidence} {question}")
    return finding


def random_versus_temporal_gap(
    random_auc: Interval, temporal_auc: Interval, *, language: Language = Language.ENGLISH
) -> tuple[Finding, ...]:
    """Say when a random split flatters: its AUC interval lies wholly above that of the forward split.

    Both figures come from the caller, from the same model kind on the training period.
    """
    if random_auc.low is None or temporal_auc.high is None or random_auc.low <= temporal_auc.high:
        return ()
    evidence = say(_WORDS[language]["gap"], language, random=random_auc.value, temporal=temporal_auc.value)
    return (Finding("random_versus_temporal_gap", "", evidence, "warned"),)


def columns_to_leave_out(findings: Sequence[Finding]) -> tuple[str, ...]:
    """The columns no model may learn from, each once, in the order found."""
    named = (finding.column for finding in findings if finding.column and finding.action in NOT_LEARNT_FROM)
    return tuple(dict.fromkeys(named))


def _copies(frame: pd.DataFrame, training: Mask, testing: Mask, seed: int, language: Language) -> Iterator[Finding]:
    if frame.shape[1] < 2:
        return
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(frame.shape[1])
    left, right = (_row_hash(frame.iloc[:, half]) for half in np.array_split(shuffled, 2))
    for name, share in (("within", _repeated), ("duplicated", _learnt)):
        observed = share(_joined(left, right), training, testing)
        by_chance = share(_joined(left, _shuffled(right, training, testing, rng)), training, testing)
        if observed >= DUPLICATED_SHARE and observed > BEYOND_CHANCE * by_chance:
            evidence = say(_WORDS[language][name], language, share=100 * observed, chance=100 * by_chance)
            yield Finding("duplicated_rows", "", evidence, "warned")


def _repeated(rows: Hashes, training: Mask, testing: Mask) -> float:
    """Share of the training claims that repeat another one."""
    learnt = rows[training]
    return 1 - len(np.unique(learnt)) / len(learnt) if len(learnt) else 0.0


def _learnt(rows: Hashes, training: Mask, testing: Mask) -> float:
    """Share of the test claims that have a twin in training."""
    return float(np.isin(rows[testing], rows[training]).mean()) if testing.any() else 0.0


def _shuffled(rows: Hashes, training: Mask, testing: Mask, rng: np.random.Generator) -> Hashes:
    mixed = rows.copy()
    for side in (training, testing):
        mixed[side] = rng.permutation(rows[side])
    return mixed


def _row_hash(frame: pd.DataFrame) -> Hashes:
    return np.asarray(pd.util.hash_pandas_object(frame, index=False), dtype=np.uint64)


def _joined(left: Hashes, right: Hashes) -> Hashes:
    return left * np.uint64(31) + right


def _group_overlap(training: pd.Series, testing: pd.Series, language: Language) -> Iterator[Finding]:
    shared = testing.dropna().isin(set(training.dropna()))
    if shared.any():
        evidence = say(_WORDS[language]["overlap"], language, claims=int(shared.sum()), total=len(testing))
        yield Finding("group_overlap", "policy_id", evidence, "warned")


_WORDS = {
    Language.ENGLISH: {
        "duplicated": (
            "{share:.1f} % of the test claims have the same features as a training claim ({chance:.1f} % would by "
            "chance), so the test is partly a memory test."
        ),
        "within": (
            "{share:.1f} % of the training claims repeat another claim under another claim_id ({chance:.1f} % would by "
            "chance), so what they say counts more than once."
        ),
        "confirmed": "It is kept, because the spec confirms that it is known when a claim is assessed.",
        "asked": (
            "It is left out until the owner of the data confirms that it is known when a claim is assessed: "
            'confirmed = ["{column}"] in the spec.'
        ),
        "overlap": (
            "{claims} of {total} labelled test claims belong to a policy that was learnt from; a group split would "
            "keep policies apart."
        ),
        "gap": (
            "Validated on random claims the AUC is {random:.3f}, on later claims {temporal:.3f}: what only a random "
            "split finds will not hold next year."
        ),
    },
    Language.SPANISH: {
        "duplicated": (
            "El {share:.1f} % de los siniestros de prueba tiene las mismas variables que uno de aprendizaje (por azar "
            "sería el {chance:.1f} %): la prueba es en parte de memoria."
        ),
        "within": (
            "El {share:.1f} % de los siniestros de aprendizaje repite otro con distinto claim_id (por azar sería el "
            "{chance:.1f} %): lo que dicen cuenta más de una vez."
        ),
        "confirmed": "Se conserva, porque la especificación confirma que se conoce cuando se valora un siniestro.",
        "asked": (
            "Queda fuera hasta que el dueño de los datos confirme que se conoce cuando se valora un siniestro: "
            'confirmed = ["{column}"] en la especificación.'
        ),
        "overlap": (
            "{claims} de {total} siniestros de prueba con resultado son de una póliza de la que se aprendió; una "
            "división por grupos separaría las pólizas."
        ),
        "gap": (
            "Validando con siniestros al azar el AUC es {random:.3f}, con siniestros posteriores {temporal:.3f}: lo "
            "que solo encuentra una división al azar no se sostendrá el año que viene."
        ),
    },
}
