/* mnemos.h: everything a program may ask of mnemOS, in one include.
 *
 * Printing, files on stdin and stdout, malloc, assert and mathematics come from
 * the C library; these headers are what C does not have. Functions that can fail
 * answer 0 or a negative error (error.h); a wrong pointer is not an error but
 * ends the program with a fault that the host shows. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_MNEMOS_H
#define MNEMOS_MNEMOS_H
#include <mnemos/error.h>
#include <mnemos/program.h>
#include <mnemos/random.h>
#include <mnemos/ring.h>
#include <mnemos/serial.h>
#include <mnemos/service.h>
#include <mnemos/time.h>
#endif
