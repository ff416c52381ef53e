#!/usr/bin/python3
# Runs the schema compiler from any directory: abigen.py [--check] | release.
# SPDX-License-Identifier: MIT OR Apache-2.0
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from abigen.main import main  # noqa: E402  (the package's own folder must be on the path first)

sys.exit(main(sys.argv[1:]))
