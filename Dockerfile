# syntax=docker/dockerfile:1
# The image of every Airflow component. The last stage, which `docker build .` makes, has neither the sandbox nor
# include/local; the stage `sandbox` is for docker-compose.sandbox.yaml.

# Of the version in requirements.lock. `slim` comes without the providers that nothing here uses.
ARG AIRFLOW_IMAGE=apache/airflow:slim-3.3.2-python3.12

FROM ${AIRFLOW_IMAGE} AS wheel
WORKDIR /tmp/project
COPY --chown=airflow:0 LICENSE pyproject.toml README.md requirements.txt ./
COPY --chown=airflow:0 plugins ./plugins
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /tmp/wheels .

FROM ${AIRFLOW_IMAGE} AS production
RUN --mount=type=bind,source=requirements.lock,target=/tmp/requirements.lock \
    --mount=type=bind,from=wheel,source=/tmp/wheels,target=/tmp/wheels \
    pip install --no-cache-dir --no-deps --requirement /tmp/requirements.lock /tmp/wheels/*.whl \
    && pip check
# Owned by root: no component can change what it runs.
COPY dags /opt/wrike/dags
COPY include/sql /opt/wrike/include/sql
COPY include/teams.yaml /opt/wrike/include/teams.yaml
COPY deploy/init.py deploy/airflow.cfg /opt/wrike/deploy/
ENV AIRFLOW__CORE__DAGS_FOLDER=/opt/wrike/dags \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED=False \
    RUNTIME__DLTHUB_TELEMETRY=false \
    PYTHONDONTWRITEBYTECODE=1
USER 50000:0
WORKDIR /opt/airflow

FROM production AS sandbox
COPY include/sandbox /opt/wrike/include/sandbox
COPY include/local /opt/wrike/include/local
ENV PYTHONPATH=/opt/wrike \
    WRIKE_TEAMS_FILE=/opt/wrike/include/sandbox/teams.yaml

FROM production
