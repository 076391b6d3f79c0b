"""Where compiled kernels are kept between runs: in the user's cache folder, never in the installed package."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path


def use_kernel_cache(environ: dict[str, str] | None = None) -> Path:
    """Point numba at the folder for the kernels of this release, made if need be; call it before the first kernel is imported.

    The folder's name carries a digest of the kernels' sources, since numba does not see a change in a callee of another module.
    NUMBA_CACHE_DIR, if set, wins. Where there is no home to write to, a private temporary folder serves, and the
    next run compiles again.
    """
    environ = dict(os.environ) if environ is None else environ
    if environ.get("NUMBA_CACHE_DIR"):
        return Path(environ["NUMBA_CACHE_DIR"])  # numba reads it by itself
    import numba  # not at the top: it is slow to import, and the command line's --help needs none of it

    folder = _cache_home(environ) / "idweave" / f"kernels-{_digest()}"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        # Not a shared folder under a guessable name: the cache holds pickles, and whoever can write them runs code here.
        folder = _private_folder()
    numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]
    return folder


@cache
def _private_folder() -> Path:
    """One a process, gone with it."""
    folder = Path(tempfile.mkdtemp(prefix="idweave-kernels-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _cache_home(environ: dict[str, str]) -> Path:
    if environ.get("XDG_CACHE_HOME"):
        return Path(environ["XDG_CACHE_HOME"])
    try:
        return Path.home() / ".cache"
    except RuntimeError:  # no home at all
        return Path(os.devnull)


def _digest() -> str:
    digest = hashlib.blake2b(digest_size=8)
    for source in sorted((Path(__file__).parent / "kernels").glob("*.py")):
        digest.update(source.name.encode() + b"\0" + source.read_bytes())
    return digest.hexdigest()
