"""Learns the Keras network: entity embeddings, a small smooth network, an early stop that looks forward.

Refuses to watch the claims it is reported on, and to leave the caller's random state changed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from perito.models.inputs import CodeArray
from perito.models.interface import NO_OPTIONS, FloatArray, Options, TrainingSet
from perito.models.keras_door import open_keras, seeded
from perito.models.keras_inputs import Inputs, Vectors, learn_inputs
from perito.models.network import HEAD, TABLE, KerasNet, category_vectors
from perito.models.preparing import check_training, chosen_options, watched_slice, weights_of

VECTOR_WIDTH = 4
HIDDEN_UNITS = (64, 32)
DROPOUT = 0.3
LEARNING_RATE = 1e-3
WEIGHT_DECAY = 1e-3
MOST_EPOCHS = 30
PATIENCE_EPOCHS = 4
FIXED_STEPS = 600
STEPS_PER_EPOCH = 64
SMALLEST_BATCH, LARGEST_BATCH = 32, 4096

Progress = Callable[[Any], bool]
"""Given the network after an epoch, whether to go on."""


@dataclass(frozen=True)
class Material:
    """The training claims as the network reads them, one row per claim, with what each weighs."""

    given: tuple[Vectors | CodeArray, ...]
    label: Vectors
    weight: Vectors

    def rows(self, rows: CodeArray) -> "Material":
        """Some of the claims, in the order of `rows`."""
        return Material(tuple(array[rows] for array in self.given), self.label[rows], self.weight[rows])


def fit_keras(training: TrainingSet, *, seed: int, options: Options = NO_OPTIONS) -> KerasNet:
    """Learn a Keras network from labelled claims.

    A substantiated claim weighs the square root of the number of others per substantiated
    one. The number of epochs is where the weighted log loss on the watched slice of the
    training claims was lowest; with too few positives to watch it is what makes
    `FIXED_STEPS` steps. The network is then learnt from all claims with that number. It has
    no `options`: a fit takes too long to try many.

    Raises
    ------
    MissingExtra
        When TensorFlow is not installed.
    LearningError
        When the claims allow no learning.
    """
    check_training(training)
    chosen_options(options, NO_OPTIONS)
    inputs = learn_inputs(training.frame, training.columns)
    counts = weights_of(training)
    positive_weight = float(np.sqrt(counts[training.label == 0].sum() / counts[training.label == 1].sum()))
    material = _material(training, inputs, positive_weight)
    epochs = _epochs(training, inputs, material, seed)
    network = _learn(inputs, material, seed=seed, epochs=epochs)
    _fill_unseen(inputs, network, training)
    usual = np.average(inputs.joined(training.frame, category_vectors(inputs, network)), axis=0, weights=counts)
    return KerasNet(inputs, network, tuple(usual.tolist()), float(np.log(positive_weight)))


def _material(training: TrainingSet, inputs: Inputs, positive_weight: float) -> Material:
    given = [inputs.numbers(training.frame)] if inputs.squeezes else []
    places = [inputs.places(training.frame)] if inputs.vocabularies else []
    weight = weights_of(training) * np.where(training.label == 1, positive_weight, 1.0)
    label = training.label.astype(np.float32)[:, None]
    return Material((*given, *places), label, (weight / weight.mean()).astype(np.float32))


def _epochs(training: TrainingSet, inputs: Inputs, material: Material, seed: int) -> int:
    watched = watched_slice(training, seed=seed)
    if watched is None:
        return ceil(FIXED_STEPS / _steps(len(training.label)))
    watch, losses = material.rows(np.flatnonzero(watched.watch)), list[float]()

    def still_improving(network: Any) -> bool:
        losses.append(_log_loss(network, watch))
        return len(losses) - 1 - int(np.argmin(losses)) < PATIENCE_EPOCHS

    learn = material.rows(np.flatnonzero(watched.learn))
    _learn(inputs, learn, seed=seed, epochs=MOST_EPOCHS, go_on=still_improving)
    return int(np.argmin(losses)) + 1


def _learn(inputs: Inputs, material: Material, *, seed: int, epochs: int, go_on: Progress = lambda _: True) -> Any:
    keras, tensorflow = open_keras()
    shuffle, claims = np.random.default_rng(seed), len(material.label)
    shape = _steps(claims), _batch(claims)
    with seeded(keras, tensorflow, seed):
        network = _build(keras, inputs)
        epoch = _compiled_epoch(keras, tensorflow, network, material)
        for _ in range(epochs):
            order = shuffle.permutation(claims)[: shape[0] * shape[1]]
            epoch(tensorflow.constant(order.reshape(shape)))
            if not go_on(network):
                break
    return network


def _compiled_epoch(keras: Any, tensorflow: Any, network: Any, material: Material) -> Callable[[Any], Any]:
    """From batches of claims, by position, to an epoch of steps, run inside TensorFlow.

    Calling TensorFlow for each step costs several times what the step does.
    """
    given = [tensorflow.constant(array) for array in material.given]
    label, weight = tensorflow.constant(material.label), tensorflow.constant(material.weight)
    loss_of = keras.losses.BinaryCrossentropy(from_logits=True)

    def step(number: Any, batches: Any) -> Any:
        rows = batches[number]
        with tensorflow.GradientTape() as tape:
            raw = network([tensorflow.gather(array, rows) for array in given], training=True)
            loss = loss_of(tensorflow.gather(label, rows), raw, sample_weight=tensorflow.gather(weight, rows))
        slopes = tape.gradient(loss, network.trainable_variables)
        network.optimizer.apply(slopes, network.trainable_variables)
        return number + 1, batches

    def epoch(batches: Any) -> None:
        tensorflow.while_loop(lambda number, _: number < batches.shape[0], step, (0, batches), parallel_iterations=1)

    network.optimizer.build(network.trainable_variables)
    compiled: Callable[[Any], Any] = tensorflow.function(epoch, autograph=False)
    return compiled


def _build(keras: Any, inputs: Inputs) -> Any:
    layers, given, parts = keras.layers, [], []
    if inputs.squeezes:
        given.append(keras.Input((sum(1 + squeeze.may_miss for squeeze in inputs.squeezes.values()),)))
        parts.append(given[-1])
    if inputs.vocabularies:
        given.append(keras.Input((len(inputs.vocabularies),), dtype="int64"))
        size = sum(vocabulary.size for vocabulary in inputs.vocabularies.values())
        parts.append(layers.Flatten()(layers.Embedding(size, VECTOR_WIDTH, name=TABLE)(given[-1])))
    joined = layers.Concatenate()(parts) if len(parts) > 1 else parts[0]
    network = keras.Model(given, _head(keras, joined.shape[1])(joined))
    optimizer = keras.optimizers.AdamW(LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    network.compile(optimizer, loss=keras.losses.BinaryCrossentropy(from_logits=True))
    return network


def _head(keras: Any, width: int) -> Any:
    point = keras.Input((width,))
    inner = point
    for units in HIDDEN_UNITS:
        inner = keras.layers.Dense(units, activation="swish")(inner)
        inner = keras.layers.Dropout(DROPOUT)(inner)
    return keras.Model(point, keras.layers.Dense(1)(inner), name=HEAD)


def _fill_unseen(inputs: Inputs, network: Any, training: TrainingSet) -> None:
    # A category that no training claim had keeps its random vector; the usual vector says nothing instead.
    if not inputs.vocabularies:
        return
    table, places = category_vectors(inputs, network).copy(), inputs.places(training.frame)
    seen = np.bincount(places.ravel(), minlength=len(table)) > 0
    for i, block in enumerate(inputs.blocks.values()):
        usual = table[places[:, i]].mean(axis=0, dtype=np.float64)
        table[block] = np.where(seen[block, None], table[block], usual)
    network.get_layer(TABLE).set_weights([table])


def _log_loss(network: Any, watch: Material) -> float:
    log_odds: FloatArray = network.predict_on_batch(list(watch.given)).astype(np.float64)
    losses = np.logaddexp(0, np.where(watch.label == 1, -log_odds, log_odds))
    return float((losses[:, 0] * watch.weight).mean())


def _batch(claims: int) -> int:
    return min(claims, int(np.clip(claims // STEPS_PER_EPOCH, SMALLEST_BATCH, LARGEST_BATCH)))


def _steps(claims: int) -> int:
    return max(1, claims // _batch(claims))
