# mnemos_load: load, run and watch C programs on a board that runs mnemOS.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Host side of mnemOS: a serial link with virtual ports, a loader, an emulator, a command line."""

__version__ = "0.3.0"
