// Counts what chosen threads allocate and how often they retain an object. Takes the place of the C library's allocator and
// of a few functions of the Swift runtime in every program that links it: tests only.
#pragma once

#include <stdbool.h>

/// Starts or stops counting what the calling thread does.
void runtime_counters_watch_thread(bool watched);

/// Whether allocations can be counted: glibc, and no sanitizer that replaces the allocator itself.
bool runtime_counters_have_allocations(void);

/// Allocations of all watched threads since the process began: malloc, calloc, realloc and the aligned ones.
long runtime_counters_allocations(void);

/// Whether references can be counted: glibc, and the Swift runtime in a shared library.
bool runtime_counters_have_retains(void);

/// References to objects that all watched threads have taken since the process began. Releases are as many in the end.
long runtime_counters_retains(void);
