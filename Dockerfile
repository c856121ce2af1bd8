# docker build -t replayglass .    (docs/publishing/container.md)
FROM python:3.13-slim AS wheel
WORKDIR /source
RUN python -m pip install --no-cache-dir --disable-pip-version-check build
COPY pyproject.toml README.md LICENSE ./
COPY docs/findings.md docs/findings.md
COPY engine engine
COPY site_templates site_templates
RUN python -m build --wheel --outdir /wheels

FROM python:3.13-slim
COPY constraints.txt /tmp/constraints.txt
RUN --mount=type=bind,from=wheel,source=/wheels,target=/wheels \
    python -m pip install --no-cache-dir --disable-pip-version-check --no-compile \
    --constraint /tmp/constraints.txt "$(echo /wheels/replayglass-*.whl)[publish,s3,sign]" \
    && rm /tmp/constraints.txt
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 HOME=/tmp
USER 65532:65532
WORKDIR /tmp
ENTRYPOINT ["replayglass"]
CMD ["--help"]
