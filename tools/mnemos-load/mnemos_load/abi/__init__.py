"""What crosses the boundary between device and host: a mirror of abi/schema, generated but for `wire`."""
# SPDX-License-Identifier: MIT OR Apache-2.0
