/* pointers.h: the part of pointers.c that is built with and without constructors. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef POINTERS_H
#define POINTERS_H

enum { EXPECTED_VALUE = 123 };
int constructed_value(void);
#endif
