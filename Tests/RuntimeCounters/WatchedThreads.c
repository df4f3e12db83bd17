#include "WatchedThreads.h"

#include "RuntimeCounters.h"

static _Thread_local bool watches;

void runtime_counters_watch_thread(bool watched) { watches = watched; }

void runtime_counters_count(atomic_long *total) {
  if (watches) atomic_fetch_add_explicit(total, 1, memory_order_relaxed);
}
