"""Which claims have been ranked already. Refuses to count a batch that was not written whole: there is none."""

from perito.store.address import Database
from perito.store.opening import opened


def ranked_claims(database: Database, dataset: str, model_version: str) -> frozenset[str]:
    """Ids of the claims of a dataset that some batch of this model version holds.

    Raises
    ------
    ServiceError, MissingExtra, OutputError
        What opening a database raises.
    """
    import sqlalchemy as sa

    from perito.store.engine import transaction
    from perito.store.tables import SCORE_BATCHES, SCORES

    joined = SCORES.join(SCORE_BATCHES, SCORE_BATCHES.c.id == SCORES.c.batch_id)
    of_model = SCORE_BATCHES.c.dataset == dataset, SCORE_BATCHES.c.model_version == model_version
    query = sa.select(SCORES.c.claim_id).select_from(joined).where(*of_model)
    with opened(database) as engine, transaction(engine, database, writes=False) as connection:
        return frozenset(connection.execute(query).scalars())
