# The schema compiler: abi/schema/*.toml to C, Python, documentation and golden vectors.
# SPDX-License-Identifier: MIT OR Apache-2.0
