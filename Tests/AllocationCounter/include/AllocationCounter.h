// Counts heap allocations of chosen threads. Replaces the C library's allocator in every program that links it: tests only.
#pragma once

#include <stdbool.h>

/// Whether allocations can be counted: glibc, and no sanitizer that replaces the allocator itself.
bool allocation_counter_available(void);

/// Starts or stops counting what the calling thread allocates.
void allocation_counter_watch_thread(bool watched);

/// Allocations of all watched threads since the process began: malloc, calloc, realloc and the aligned ones.
long allocation_counter_total(void);
