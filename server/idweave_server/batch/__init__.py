"""Files in, files out: one batch run without a server."""
