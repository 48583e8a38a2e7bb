# One program, two images: `service` for the databases, MLflow and Prefect; `worker` with TensorFlow for the runs.
# Everything is installed here, each package by its hash. Nothing is installed while a container starts.
ARG PYTHON_IMAGE=python:3.12.13-slim-bookworm

# What both images stand on: LightGBM's OpenMP library, a user without rights, folders that this user may write to.
FROM ${PYTHON_IMAGE} AS base
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 perito \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin perito \
    && install -d -o 10001 -g 10001 /var/lib/mlflow/artifacts /var/lib/prefect /var/lib/perito /var/lib/perito-results
ENV PATH=/opt/perito/bin:$PATH HOME=/tmp PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1

FROM ${PYTHON_IMAGE} AS wheel
COPY locks/build.txt /build/
RUN python -m venv /build/venv \
    && /build/venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r /build/build.txt
COPY LICENSE README.md pyproject.toml /build/perito/
COPY src /build/perito/src
RUN /build/venv/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels /build/perito

FROM ${PYTHON_IMAGE} AS packages-of-service
COPY locks/runtime.txt /build/
RUN python -m venv /opt/perito \
    && /opt/perito/bin/pip install --no-cache-dir --only-binary :all: --no-deps --require-hashes -r /build/runtime.txt

FROM ${PYTHON_IMAGE} AS packages-of-worker
COPY locks/tensorflow.txt /build/
RUN python -m venv /opt/perito \
    && /opt/perito/bin/pip install --no-cache-dir --only-binary :all: --no-deps --require-hashes -r /build/tensorflow.txt

FROM base AS service
COPY --from=packages-of-service /opt/perito /opt/perito
COPY --from=wheel /wheels /wheels
RUN pip install --no-cache-dir --no-deps --no-index /wheels/*.whl
USER 10001:10001

FROM base AS worker
COPY --from=packages-of-worker /opt/perito /opt/perito
COPY --from=wheel /wheels /wheels
RUN pip install --no-cache-dir --no-deps --no-index /wheels/*.whl
USER 10001:10001
