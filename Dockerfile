FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /opt/faktoora-mcp
ENV PATH=/opt/faktoora-mcp/bin:$PATH
COPY deploy/requirements.txt requirements-build.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt && \
    pip install --no-cache-dir --require-hashes --target=/src/build -r requirements-build.txt
COPY pyproject.toml README.md LICENSE ./
COPY prompts prompts
COPY faktoora_mcp faktoora_mcp
RUN PYTHONPATH=/src/build pip install --no-cache-dir --no-deps --no-build-isolation . && \
    python -m compileall -q /opt/faktoora-mcp

FROM python:3.13-slim
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="faktoora-mcp" \
      org.opencontainers.image.description="Look up and manage faktoora e-invoicing customers over MCP, with few tokens and no doubt about what was done." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.source="https://github.com/faktoora-mcp/faktoora-mcp" \
      org.opencontainers.image.version="$VERSION"
COPY --from=build /opt/faktoora-mcp /opt/faktoora-mcp
ENV PATH=/opt/faktoora-mcp/bin:$PATH
# The base image brings Python's own modules uncompiled; one start compiles those that the server needs.
RUN faktoora-mcp serve --sandbox --log-level error </dev/null
ENV PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
ENTRYPOINT ["faktoora-mcp", "serve"]
