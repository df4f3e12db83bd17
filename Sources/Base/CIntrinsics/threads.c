#define _GNU_SOURCE
#include <sched.h>

#include "include/CIntrinsics.h"

int current_cpu(void) { return sched_getcpu(); }

int keep_thread_on_cpu(pthread_t thread, int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  return pthread_setaffinity_np(thread, sizeof set, &set);
}
