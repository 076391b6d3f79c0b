"""How a local Neo4j is set: its addresses, its memory, and the few settings that matter."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

HOST = "127.0.0.1"
USER = "neo4j"
BOLT, HTTP = 7687, 7474

# What Neo4j's own start script opens to it.
OPENED = ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent")
# As Neo4j's own neo4j.conf has it: final fields are taken for constants by the compiler.
TRUSTING = ("-XX:+UnlockExperimentalVMOptions", "-XX:+TrustFinalNonStaticFields")


@dataclass(frozen=True, slots=True)
class Settings:
    """One Neo4j: where its files are, where it listens, and how much memory it may take."""

    home: Path
    bolt: int = BOLT
    http: int | None = HTTP  # None: no Browser, which starts sooner
    password: str | None = field(default=None, repr=False)  # None: everyone on this machine may do everything
    heap: str = "512m"
    page_cache: str = "128m"
    brief: bool = False  # compiled lightly: starts sooner, is slower in the long run

    @property
    def uri(self) -> str:
        return f"bolt://{HOST}:{self.bolt}"

    @property
    def browser(self) -> str | None:
        return None if self.http is None else f"http://{HOST}:{self.http}/browser/"

    @property
    def console(self) -> Path:
        """What Neo4j says while it starts and ends."""
        return self.home / "logs" / "console.log"


def configuration(settings: Settings) -> str:
    """The text of neo4j.conf; docs/neo4j.md says why each line."""
    lines = {
        "server.default_listen_address": HOST,
        "server.bolt.listen_address": f"{HOST}:{settings.bolt}",
        "server.bolt.advertised_address": f"{HOST}:{settings.bolt}",
        "server.http.enabled": _said(settings.http is not None),
        "server.http.listen_address": f"{HOST}:{settings.http or HTTP}",
        "server.http.advertised_address": f"{HOST}:{settings.http or HTTP}",
        "server.https.enabled": "false",
        "dbms.security.auth_enabled": _said(settings.password is not None),
        "server.memory.pagecache.size": settings.page_cache,
        "dbms.usage_report.enabled": "false",
        "client.allow_telemetry": "false",
        "db.tx_log.preallocate": "false",
        "db.tx_log.rotation.size": "16m",
        "db.tx_log.rotation.retention_policy": "keep_none",
        "db.checkpoint.interval.time": "5m",
        "internal.server.bolt.thread_pool_shutdown_wait_time": "0s",
    }
    return "".join(f"{name}={value}\n" for name, value in lines.items())


def java_arguments(settings: Settings, jars: list[Path]) -> list[str]:
    """What Java is started with, besides its own path."""
    compiler = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"] if settings.brief else ["-XX:+UseG1GC", *TRUSTING]
    return [
        *("-cp", ":".join(str(jar) for jar in jars)),
        *(f"-Xms{settings.heap}", f"-Xmx{settings.heap}", *compiler),
        *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED),
        *("-Dio.netty.tryReflectionSetAccessible=true", "-Dlog4j2.disable.jmx=true", "-Dfile.encoding=UTF-8"),
        "org.neo4j.server.CommunityEntryPoint",
        *(f"--home-dir={settings.home}", f"--config-dir={settings.home / 'conf'}", "--console-mode"),
    ]


def _said(yes: bool) -> str:
    return "true" if yes else "false"
