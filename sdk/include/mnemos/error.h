/* error.h: the one list of errors, shared by kernel, programs and host.
 *
 * MNEMOS_ERR_BUSY and its kin are negative numbers; mnemos_strerror() gives the
 * sentence and mnemos_error_name() the name ("busy"). */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_ERROR_H
#define MNEMOS_ERROR_H
#include <mnemos/abi/error.h>
#endif
