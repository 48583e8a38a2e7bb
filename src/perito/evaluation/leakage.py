"""Gates that look for knowledge a claim's assessor would not have had.

Refuses to judge a column by a test label, and to drop one in silence: every gate answers
with findings that name the column, the figure and what was done.
"""

from collections.abc import Collection, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from perito.datasets.spec import SplitKind
from perito.domain.opinions import Finding
from perito.domain.words import Language
from perito.evaluation.bootstrap import Interval
from perito.evaluation.column_gates import Halves, knows_the_outcome, marks_time
from perito.evaluation.wording import say
from perito.features.columns import FeatureColumn

Hashes = npt.NDArray[np.uint64]

NOT_LEARNT_FROM = frozenset({"blocked", "left_out"})
"""Actions after which a column is no longer a feature."""
DUPLICATED_SHARE = 0.01
"""Share of the test claims that must have a twin in training before it is said."""
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
    seed: int = 0,
    language: Language = Language.ENGLISH,
) -> tuple[Finding, ...]:
    """Run every gate that needs no model over a table of features.

    `frame`: one row per `claim_id` (the index), the features of `columns`. `label`,
    `reported_at` and `policy_id` share that index; `label` is null where unknown. `train`
    and `test` hold claim ids, as in a `SplitPlan`, and `kind` is its kind. Only labels of
    `train` are read.

    Checks: `knows_the_outcome` (action `blocked`), `marks_time` (`left_out` in a time
    split, else `warned`), `duplicated_rows` and `group_overlap` (`warned`).
    """
    chosen = tuple(columns)
    training, testing = (frame.index.isin(list(side)) for side in (train, test))
    known = label.reindex(frame.index)
    instants = reported_at.reindex(frame.index)
    halves = _halves(known, instants, training, forward=kind == "time", seed=seed)
    action = "left_out" if kind == "time" else "warned"
    findings = list(knows_the_outcome(frame, chosen, halves, seed=seed, language=language))
    if instants.notna().all():
        findings += marks_time(frame, chosen, instants, action=action, language=language)
    findings += _duplicated_rows(frame[[column.name for column in chosen]], training, testing, seed, language)
    if kind == "random" and policy_id is not None:
        policies = policy_id.reindex(frame.index)
        findings += _group_overlap(policies[training], policies[testing & known.notna().to_numpy()], language)
    return tuple(findings)


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


def _halves(
    label: pd.Series, reported_at: pd.Series, training: npt.NDArray[np.bool_], *, forward: bool, seed: int
) -> Halves:
    usable = np.flatnonzero(training & label.notna().to_numpy())
    if forward:
        order = usable[np.argsort(reported_at.to_numpy()[usable], kind="stable")]
    else:
        order = np.random.default_rng(seed).permutation(usable)
    values, middle = label.to_numpy(dtype=np.float64), len(order) // 2
    older, younger = order[:middle], order[middle:]
    return Halves(older, younger, values[older], values[younger])


def _duplicated_rows(
    frame: pd.DataFrame,
    training: npt.NDArray[np.bool_],
    testing: npt.NDArray[np.bool_],
    seed: int,
    language: Language,
) -> Iterator[Finding]:
    if frame.shape[1] < 2 or not testing.any():
        return
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(frame.shape[1])
    left, right = (_row_hash(frame.iloc[:, half]) for half in np.array_split(shuffled, 2))
    learnt = _joined(left[training], right[training])
    observed = float(np.isin(_joined(left[testing], right[testing]), learnt).mean())
    by_chance = float(np.isin(_joined(left[testing], rng.permutation(right[testing])), learnt).mean())
    if observed >= DUPLICATED_SHARE and observed > BEYOND_CHANCE * by_chance:
        evidence = say(_WORDS[language]["duplicated"], language, share=100 * observed, chance=100 * by_chance)
        yield Finding("duplicated_rows", "", evidence, "warned")


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
