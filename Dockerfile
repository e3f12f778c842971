FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /opt/faktoora-mcp
ENV PATH=/opt/faktoora-mcp/bin:$PATH
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY prompts prompts
COPY faktoora_mcp faktoora_mcp
RUN pip install --no-cache-dir --no-deps . && python -m compileall -q /opt/faktoora-mcp

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home faktoora
COPY --from=build /opt/faktoora-mcp /opt/faktoora-mcp
ENV PATH=/opt/faktoora-mcp/bin:$PATH PYTHONDONTWRITEBYTECODE=1
USER 10001
ENTRYPOINT ["faktoora-mcp", "serve"]
