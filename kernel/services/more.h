/* more.h — services that a firmware outside this tree adds to a board. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_SERVICES_MORE_H
#define MN_SERVICES_MORE_H

/* Start them, in the order in which they were added. A board calls it after all services of its own
 * and has a weak one that does nothing; kernel/cmake/service.cmake makes the other, which stops the
 * kernel with the name of the one that cannot start. */
void mn_more_services_start(void);
#endif
