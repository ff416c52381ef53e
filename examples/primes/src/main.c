/* primes: counts primes and compares with the prime number theorem, by which about n / ln n of the
 * numbers up to n are prime. `primes 100000` stops there; without an argument it goes on until
 * somebody stops it. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static bool is_prime(uint32_t number)
{
    if (number % 2 == 0) return number == 2;
    uint32_t root = (uint32_t)sqrtf((float)number) + 1;
    for (uint32_t divisor = 3; divisor <= root && divisor < number; divisor += 2)
        if (number % divisor == 0) return false;
    return number > 1;
}

int main(int argc, char **argv)
{
    uint32_t limit = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : UINT32_MAX;
    uint32_t count = 0, next_report = 10;

    for (uint32_t number = 1; number <= limit; number++) {
        count += is_prime(number);
        if (number == next_report || number == limit) {
            double estimate = number / log(number);
            printf("%10lu numbers, %8lu primes, n/ln n = %11.2f, ratio %.4f\n",
                   (unsigned long)number, (unsigned long)count, estimate, count / estimate);
            next_report = next_report < UINT32_MAX / 10 ? next_report * 10 : UINT32_MAX;
        }
        if (number == UINT32_MAX) break;
    }
    return 0;
}
