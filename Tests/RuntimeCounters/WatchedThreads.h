// What the counters share.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

/// Adds one to `total` if the calling thread is watched.
void runtime_counters_count(atomic_long *total);
