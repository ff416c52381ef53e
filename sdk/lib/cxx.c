/* cxx.c: what C++ code needs besides the C library, as long as it throws nothing.
 *
 * The names are those of the Itanium and Arm C++ ABIs, so no C++ compiler or
 * library is needed to build a C program. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <mnemos/program.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

void *_Znwj(size_t size);                /* new */
void *_Znaj(size_t size);                /* new[] */
void _ZdlPv(void *memory);               /* delete */
void _ZdaPv(void *memory);               /* delete[] */
void _ZdlPvj(void *memory, size_t size); /* delete with the size */
void _ZdaPvj(void *memory, size_t size);
void __cxa_pure_virtual(void);
int __cxa_guard_acquire(uint32_t *guard);
void __cxa_guard_release(uint32_t *guard);
void __cxa_guard_abort(uint32_t *guard);
int __aeabi_atexit(void *object, void (*destructor)(void *), void *module);
int __cxa_atexit(void (*destructor)(void *), void *object, void *module); /* of the C library */

void *__dso_handle;

void *_Znwj(size_t size)
{
    void *memory = malloc(size);
    if (!memory) mnemos_panic("new: the heap is full");
    return memory;
}

void *_Znaj(size_t size)
{
    return _Znwj(size);
}

void _ZdlPv(void *memory)
{
    free(memory);
}

void _ZdaPv(void *memory)
{
    free(memory);
}

void _ZdlPvj(void *memory, size_t size)
{
    (void)size;
    free(memory);
}

void _ZdaPvj(void *memory, size_t size)
{
    (void)size;
    free(memory);
}

void __cxa_pure_virtual(void)
{
    mnemos_panic("a pure virtual function was called");
}

/* A program has one thread: the guard only says whether the object exists. */
int __cxa_guard_acquire(uint32_t *guard)
{
    return !(*guard & 1u);
}

void __cxa_guard_release(uint32_t *guard)
{
    *guard |= 1u;
}

void __cxa_guard_abort(uint32_t *guard)
{
    (void)guard;
}

int __aeabi_atexit(void *object, void (*destructor)(void *), void *module)
{
    return __cxa_atexit(destructor, object, module);
}
