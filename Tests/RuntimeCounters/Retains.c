#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stddef.h>

#include "RuntimeCounters.h"
#include "WatchedThreads.h"

static atomic_long total;

long runtime_counters_retains(void) { return atomic_load(&total); }

#if defined(__GLIBC__)

// These take the place of the Swift runtime's functions, which a test program finds in a shared library.
bool runtime_counters_have_retains(void) { return dlsym(RTLD_NEXT, "swift_retain") != NULL; }

// Functions without a context pass NULL for it, which counts nothing.
#define COUNTED(function, parameters, arguments)                   \
  void *function parameters {                                      \
    static void *(*_Atomic original) parameters;                   \
    if (!original) original = dlsym(RTLD_NEXT, #function);         \
    if (object) runtime_counters_count(&total);                    \
    return original arguments;                                     \
  }

COUNTED(swift_retain, (void *object), (object))
COUNTED(swift_retain_n, (void *object, uint32_t count), (object, count))
COUNTED(swift_bridgeObjectRetain, (void *object), (object))
COUNTED(swift_bridgeObjectRetain_n, (void *object, uint32_t count), (object, count))

#else

bool runtime_counters_have_retains(void) { return false; }

#endif
