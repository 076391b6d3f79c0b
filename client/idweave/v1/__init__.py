"""Generated from protos/idweave/v1 by protos/generate.py; not edited by hand."""
