# The server and its command line. Nothing is compiled here but the kernels, by the server, at its first start.
# tests/test_containers.py runs these steps in a clean virtual environment.
FROM python:3.12-slim
RUN useradd --create-home idweave && install -d -o idweave -g idweave -m 0700 /data
WORKDIR /src
COPY pyproject.toml constraints.txt README.md CHANGELOG.md LICENSE ./
COPY client client
COPY server server
RUN pip install --no-cache-dir --constraint constraints.txt ./client .
USER idweave
WORKDIR /data
# Compiled kernels and snapshots, and the key of a store in a database, outlive the container with the volume that is mounted here.
ENV XDG_CACHE_HOME=/data/cache XDG_DATA_HOME=/data
ENTRYPOINT ["idweave"]
