"""Every word of the page in both languages, side by side. Refuses figures: those arrive in `{places}`."""

from collections.abc import Mapping
from dataclasses import dataclass

from perito.domain.words import Language
from perito.scoring.wording import Wording


@dataclass(frozen=True)
class Text:
    """One piece of text in each language, with the same places to fill."""

    en: str
    es: str

    def __getitem__(self, language: Language) -> str:
        return self.es if language is Language.SPANISH else self.en


@dataclass(frozen=True)
class Speech:
    """How a page speaks: its words, and its numbers and amounts."""

    wording: Wording

    @property
    def language(self) -> Language:
        """The language of the page."""
        return self.wording.language

    def say(self, key: str, /, **places: object) -> str:
        """The text `key`, its places filled."""
        return TEXTS[key][self.language].format(**places)

    def named(self, names: Mapping[str, Text], code: str) -> str:
        """The name of a code in `names`; a code without one is shown as its own words."""
        return names[code][self.language] if code in names else code.replace("_", " ")


TEXTS: Mapping[str, Text] = {
    "kind_of_page": Text("Claims most worth opening", "Siniestros que más conviene investigar"),
    "stand_in_title": Text("The target is no fraud label", "El objetivo no es una etiqueta de fraude"),
    "verdict_title": Text("The verdict", "El veredicto"),
    "lede_learnable": Text(
        "The order of the list below can be used: on claims it had never seen, it did better than chance.",
        "El orden de la lista se puede usar: en siniestros que no había visto, acertó más que el azar.",
    ),
    "lede_nothing": Text(
        "Do not assign work by this list. Nothing reliable could be learnt from this table.",
        "No reparta trabajo según esta lista. De esta tabla no se pudo aprender nada fiable.",
    ),
    "lede_amount": Text(
        "Do not assign work by this list: sort by claimed amount instead. The model is not surely better than that.",
        "No reparta trabajo según esta lista: ordene por el importe reclamado. El modelo no es con seguridad mejor.",
    ),
    "learn_question": Text("Can this table be learnt from?", "¿Se puede aprender de esta tabla?"),
    "learn_yes": Text("Yes", "Sí"),
    "learn_no": Text("Not reliably", "No de forma fiable"),
    "learn_amount": Text("No more than the amount says", "Nada más que lo que dice el importe"),
    "leak_question": Text("Does a column give the answer away?", "¿Alguna columna delata la respuesta?"),
    "leak_none": Text("None was found", "No se encontró ninguna"),
    "leak_handled": Text("Yes, and it was not learnt from", "Sí, y no se aprendió de ella"),
    "leak_warned": Text("There are warnings", "Hay avisos"),
    "leak_details": Text("Every finding, with its evidence", "Cada hallazgo, con su prueba"),
    "check": Text("Check", "Comprobación"),
    "column": Text("Column", "Columna"),
    "evidence": Text("Evidence", "Prueba"),
    "action": Text("What was done", "Qué se hizo"),
    "desk_question": Text("What would the desk get?", "¿Qué obtendría el equipo?"),
    "desk_answer": Text("{hits} of {claims} claims", "{hits} de {claims} siniestros"),
    "desk_unknown": Text("Not measured", "Sin medir"),
    "desk_hits": Text(
        "If the desk opens the first {claims} claims of the list ({share} of those it is shown), expect {hits} to "
        "be substantiated (95 % interval {low} to {high}). As many opened at random: about {random}.",
        "Si el equipo abre los primeros {claims} siniestros de la lista ({share} de los que recibe), cabe esperar que "
        "se confirmen {hits} (intervalo del 95 %: de {low} a {high}). Abriendo otros tantos al azar: unos {random}.",
    ),
    "desk_no_hits": Text(
        "The test claims hold no outcome to count, so no hits can be expected in numbers.",
        "Los siniestros de prueba no tienen resultados que contar, así que no se puede decir cuántos aciertos esperar.",
    ),
    "desk_money": Text(
        "Measured on the {labelled} test claims with a known outcome, opening that share is worth {money} after the "
        "cost of the investigations ({low} to {high}).",
        "Medido en los {labelled} siniestros de prueba con resultado conocido, abrir esa parte vale {money} una vez "
        "pagadas las investigaciones (de {low} a {high}).",
    ),
    "desk_not_reliable": Text(
        "These figures are not surely better than chance.", "Estas cifras no son con seguridad mejores que el azar."
    ),
    "population_title": Text("Which claims the figures speak about", "De qué siniestros hablan las cifras"),
    "split_time": Text(
        "Learnt from {train} claims reported before {start}; measured on {test} later ones, reported {until}.",
        "Aprendido de {train} siniestros comunicados antes del {start}; medido en {test} posteriores, comunicados "
        "{until}.",
    ),
    "split_until": Text("from {start} and before {end}", "desde el {start} y antes del {end}"),
    "split_onwards": Text("from {start} on", "desde el {start}"),
    "split_group": Text(
        "Learnt from {train} claims; the {test} test claims belong to policies kept wholly apart.",
        "Aprendido de {train} siniestros; los {test} de prueba son de pólizas apartadas por completo.",
    ),
    "split_random": Text(
        "Learnt from {train} claims; the {test} test claims were drawn at random.",
        "Aprendido de {train} siniestros; los {test} de prueba se sacaron al azar.",
    ),
    "split_unlabelled": Text(
        "Learnt from the {train} claims with a known outcome; ranked are the {test} without one.",
        "Aprendido de los {train} siniestros con resultado conocido; se ordenan los {test} que no lo tienen.",
    ),
    "split_gap": Text(
        "Claims of the {days} days before that date were not learnt from: their outcomes were still coming in.",
        "No se aprendió de los siniestros de los {days} días anteriores a esa fecha: sus resultados aún estaban "
        "llegando.",
    ),
    "split_positives": Text(
        "Known outcomes: {train_labelled} to learn from, {train_positives} substantiated; {test_labelled} to measure "
        "on, {test_positives} substantiated.",
        "Resultados conocidos: {train_labelled} para aprender, {train_positives} confirmados; {test_labelled} para "
        "medir, {test_positives} confirmados.",
    ),
    "list_title": Text("The claims to open first", "Los siniestros que abrir primero"),
    "list_not_validated": Text("Not validated", "Sin validar"),
    "list_warning": Text(
        "The order of this list is not surely better than chance. It is shown for inspection only.",
        "El orden de esta lista no es con seguridad mejor que el azar. Se muestra solo para examinarlo.",
    ),
    "list_intro": Text(
        "{alerts} claims are alerted, those most worth opening first. A reason says what raised the score; it proves "
        "nothing. Orange bars raise the score, blue ones lower it; the number is that part of it, in log-odds.",
        "Hay {alerts} siniestros alertados, primero los que más merece la pena abrir. Un motivo dice qué subió la "
        "puntuación; no prueba nada. Las barras naranjas la suben y las azules la bajan; el número es esa parte de "
        "ella, en log-odds.",
    ),
    "list_empty": Text("No claim is alerted.", "No hay siniestros alertados."),
    "list_more": Text("Show {more} more", "Mostrar {more} más"),
    "list_rest": Text(
        "{rest} more alerted claims are in the scores file beside this page.",
        "Otros {rest} siniestros alertados están en el archivo de puntuaciones junto a esta página.",
    ),
    "rank": Text("Rank", "Puesto"),
    "score": Text("Score", "Puntuación"),
    "reason": Text("Reason", "Motivo"),
    "reasons_of": Text("Reasons for claim {claim}", "Motivos del siniestro {claim}"),
    "this_claim": Text("This claim", "Este siniestro"),
    "compared": Text("Compared", "Comparado"),
    "weight": Text("Weight", "Peso"),
    "no_reasons": Text("Nothing in this claim raised its score.", "Nada en este siniestro subió su puntuación."),
    "rings_more": Text("{more} more reasons", "{more} motivos más"),
    "rings_title": Text("Claims that hang together", "Siniestros que van juntos"),
    "rings_intro": Text(
        "Rings: claims of several households tied by more shared parties than chance explains, as of the end of the "
        "book. The figure beside each name is its score: 3 means that chance would make such a group in one of a "
        "thousand books. Sharing proves nothing.",
        "Anillos: siniestros de varios hogares unidos por más partes compartidas de las que explica el azar, al final "
        "de la cartera. La cifra junto al nombre es su puntuación: 3 significa que el azar formaría un grupo así en "
        "una de cada mil carteras. Compartir no prueba nada.",
    ),
    "rings_none": Text(
        "No group of claims shares more than chance explains.",
        "Ningún grupo de siniestros comparte más de lo que explica el azar.",
    ),
    "rings_facts": Text(
        "{claims} claims of {policyholders} policyholders; {substantiated} substantiated, {not_substantiated} not, "
        "{unknown} unknown",
        "{claims} siniestros de {policyholders} tomadores; {substantiated} confirmados, {not_substantiated} no, "
        "{unknown} desconocidos",
    ),
    "rings_claimed": Text("; {amount} claimed", "; {amount} reclamados"),
    "rings_paths": Text("What ties each claim", "Qué une cada siniestro"),
    "rings_rest": Text("{rest} more are in run.json.", "En run.json hay {rest} más."),
    "figures_title": Text("Figures on the test claims", "Cifras en los siniestros de prueba"),
    "figures_intro": Text(
        "Measured once, with the chosen model, on claims kept aside until the end.",
        "Medidas una sola vez, con el modelo elegido, en siniestros apartados hasta el final.",
    ),
    "figure": Text("Figure", "Cifra"),
    "value": Text("Value", "Valor"),
    "interval": Text("95 % interval", "Intervalo del 95 %"),
    "meaning": Text("What it means", "Qué significa"),
    "all_claims_title": Text("About all claims", "Sobre todos los siniestros"),
    "drawn": Text("Drawn by", "Elegido por"),
    "random_audit": Text("chance, not by its score", "azar, no por su puntuación"),
    "learnt_title": Text("What the model learns from", "De qué aprende el modelo"),
    "learnt_evidence": Text("The evidence for every feature", "La prueba de cada variable"),
    "learnt_intro": Text(
        "What shuffling the feature costs, in thousandths of log loss per claim: where it was learnt, and in the "
        "period that follows. Up to 0 in the period that follows, it is left out.",
        "Lo que cuesta barajar la variable, en milésimas de pérdida logarítmica por siniestro: donde se aprendió y en "
        "el periodo siguiente. Hasta 0 en el periodo siguiente, se deja fuera.",
    ),
    "feature": Text("Feature", "Variable"),
    "helped_past": Text("Where it was learnt", "Donde se aprendió"),
    "helped_following": Text("In the period that follows", "En el periodo siguiente"),
    "what_became": Text("What became of it", "Qué fue de ella"),
    "feature_kept": Text("learnt from", "se aprende de ella"),
    "feature_left_out": Text("left out", "fuera"),
    "calibration": Text(
        "On the test claims the model's probabilities average {said}; {happened} were substantiated ({low} to {high}). "
        "In ten groups by probability, the two differ by {error} on average.",
        "En los siniestros de prueba las probabilidades del modelo promedian {said}; se confirmó el {happened} (de "
        "{low} a {high}). En diez grupos por probabilidad, ambas difieren un {error} de media.",
    ),
    "models_title": Text("The models compared", "Los modelos comparados"),
    "model": Text("Model", "Modelo"),
    "seconds": Text("Seconds", "Segundos"),
    "chosen": Text("chosen", "elegido"),
    "skipped": Text("Not tried:", "No probados:"),
    "plots_title": Text("Pictures", "Gráficos"),
    "burden_title": Text("Who is alerted without cause", "A quién se alerta sin motivo"),
    "burden_intro": Text(
        "Among the test claims that were investigated and cleared, how often each protected group took a place of the "
        "list. No model reads a protected attribute. Claims nobody looked at say nothing here.",
        "Entre los siniestros de prueba investigados y descartados, con qué frecuencia cada grupo protegido ocupó un "
        "puesto de la lista. Ningún modelo lee un atributo protegido. Los siniestros que nadie miró no cuentan aquí.",
    ),
    "burden_differs": Text("differs", "difiere"),
    "burden_group": Text("Group", "Grupo"),
    "burden_alerted": Text("Alerted", "Alertados"),
    "burden_counts": Text("{alerted} of {cleared}", "{alerted} de {cleared}"),
    "burden_share": Text("Share, with 95 % interval", "Parte, con intervalo del 95 %"),
    "burden_ratio": Text("Times the others", "Veces los demás"),
    "burden_above": Text("above {low}", "más de {low}"),
    "burden_verdict": Text("Verdict", "Veredicto"),
    "rows_title": Text("Rows read and rejected", "Filas leídas y rechazadas"),
    "rows_read": Text("Read", "Leídas"),
    "rows_accepted": Text("Accepted", "Aceptadas"),
    "rows_rejected": Text("Rejected", "Rechazadas"),
    "rows_warned": Text("Accepted with a warning", "Aceptadas con aviso"),
    "rows_what": Text("What", "Qué"),
    "rows_why": Text("Why", "Por qué"),
    "rows_count": Text("Rows", "Filas"),
    "reproduce_title": Text("How to get this page again", "Cómo volver a obtener esta página"),
    "reproduce_item": Text("Item", "Dato"),
    "command": Text("Command", "Orden"),
    "dataset": Text("Dataset", "Conjunto de datos"),
    "fingerprint": Text("Fingerprint of the data", "Huella de los datos"),
    "seed": Text("Seed", "Semilla"),
    "version": Text("Perito version", "Versión de Perito"),
    "registered": Text("Registered model", "Modelo registrado"),
    "run_id": Text("MLflow run", "Ejecución en MLflow"),
    "see_models": Text("See the models", "Ver los modelos"),
    "see_runs": Text("See the runs", "Ver las ejecuciones"),
    "not_measured": Text("not measured", "sin medir"),
    "from_to": Text("{low} to {high}", "de {low} a {high}"),
    "footer": Text(
        "A score is an opinion about which claim to look at first. What happened is for an investigation to find.",
        "Una puntuación es una opinión sobre qué siniestro mirar primero. Lo ocurrido debe hallarlo una investigación.",
    ),
}
"""Text of the page by key. `tests/unit/report/test_texts.py` refuses a key that nobody says."""

METRICS: Mapping[str, Text] = {
    "auc": Text("AUC", "AUC"),
    "average_precision": Text("Average precision", "Precisión media"),
    "recall_at_capacity": Text("Recall at capacity", "Exhaustividad a plena capacidad"),
    "precision_at_capacity": Text("Precision at capacity", "Precisión a plena capacidad"),
    "lift_at_capacity": Text("Lift at capacity", "Veces mejor que el azar a plena capacidad"),
    "net_money_at_capacity": Text("Net money at capacity", "Dinero neto a plena capacidad"),
    "base_rate": Text("Substantiated, of all", "Confirmados, del total"),
}
METRIC_MEANINGS: Mapping[str, Text] = {
    "auc": Text(
        "How often a substantiated claim comes before another; 0.5 is chance.",
        "Con qué frecuencia un siniestro confirmado va antes que otro; 0,5 es el azar.",
    ),
    "average_precision": Text(
        "Precision averaged over every substantiated claim found.",
        "La precisión promediada sobre cada siniestro confirmado hallado.",
    ),
    "recall_at_capacity": Text(
        "Of the substantiated claims, the share that the desk would have opened.",
        "De los siniestros confirmados, la parte que el equipo habría abierto.",
    ),
    "precision_at_capacity": Text(
        "Of the claims opened, the share that was substantiated.",
        "De los siniestros abiertos, la parte que se confirmó.",
    ),
    "lift_at_capacity": Text(
        "How many times more than opening as many at random.",
        "Cuántas veces más que abriendo otros tantos al azar.",
    ),
    "net_money_at_capacity": Text(
        "What was saved, less what the investigations cost.",
        "Lo ahorrado, menos lo que cuestan las investigaciones.",
    ),
    "base_rate": Text(
        "Of all claims, the share that an investigation would substantiate.",
        "De todos los siniestros, la parte que una investigación confirmaría.",
    ),
}
CHECKS: Mapping[str, Text] = {
    "knows_the_outcome": Text("knows the outcome", "conoce el resultado"),
    "marks_time": Text("only marks time", "solo marca el tiempo"),
    "only_when_decided": Text("filled in only once somebody decides", "se rellena solo cuando alguien decide"),
    "counts_own_outcome": Text("counts the claim's own outcome", "cuenta el resultado del propio siniestro"),
    "duplicated_rows": Text("repeated claims", "siniestros repetidos"),
    "group_overlap": Text("policies on both sides", "pólizas en ambos lados"),
    "random_versus_temporal_gap": Text("random split flatters", "el reparto al azar favorece"),
}
ACTIONS: Mapping[str, Text] = {
    "left_out": Text("left out", "apartada"),
    "blocked": Text("blocked", "bloqueada"),
    "warned": Text("warned", "avisado"),
    "asked": Text("asked", "preguntado"),
}
BURDEN_VERDICTS: Mapping[str, Text] = {
    "more_often": Text("more often than the others", "más que los demás"),
    "less_often": Text("less often than the others", "menos que los demás"),
    "no_difference_shown": Text("no difference beyond chance", "sin diferencia más allá del azar"),
    "too_few": Text("too few to say", "demasiado pocos"),
}
MODELS: Mapping[str, Text] = {
    "linear": Text("Logistic regression", "Regresión logística"),
    "scorecard": Text("Logistic scorecard", "Tarjeta de puntuación"),
    "lightgbm": Text("LightGBM", "LightGBM"),
    "catboost": Text("CatBoost", "CatBoost"),
    "keras": Text("Keras network", "Red de Keras"),
    "blend": Text("Their blend", "Su mezcla"),
}
PLOTS: Mapping[str, Text] = {
    "gain_lift": Text("Substantiated claims found by claims opened", "Confirmados encontrados según los abiertos"),
    "precision_recall": Text("Precision and recall", "Precisión y exhaustividad"),
    "calibration": Text("What was said and what happened", "Lo dicho y lo ocurrido"),
    "score_distribution": Text("The scores of the claims", "Las puntuaciones de los siniestros"),
    "feature_contributions": Text("What moves the scores most", "Lo que más mueve las puntuaciones"),
}
FACTS: Mapping[str, Text] = {
    "claimed_amount": Text("Claimed", "Reclamado"),
    "expected_net_money": Text("Expected net money", "Dinero neto esperado"),
    "reported_at": Text("Reported", "Comunicado"),
    "loss_date": Text("Loss", "Ocurrido"),
    "line_of_business": Text("Line of business", "Ramo"),
    "policy_id": Text("Policy", "Póliza"),
}
