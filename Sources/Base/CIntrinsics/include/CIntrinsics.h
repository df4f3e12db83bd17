// The instruction-set intrinsics, the CPUID question and what the C library shows to GNU sources only, made visible to
// Swift. No algorithms live here.
#pragma once

#include <pthread.h>

/// The CPU that the calling thread runs on; nanoseconds.
int current_cpu(void);

/// Lets a thread run on one CPU only; an error code where the system refuses.
int keep_thread_on_cpu(pthread_t thread, int cpu);

#if defined(__x86_64__)
#include <immintrin.h>

/// Whether CPU and operating system support everything that AVX2Kernels is compiled for.
static inline _Bool cpu_has_avx2_set(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
}

/// Whether CPU and operating system support everything that AVX512Kernels is compiled for.
static inline _Bool cpu_has_avx512_set(void) {
  return cpu_has_avx2_set() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512vbmi");
}

/// Tells the core that this is a wait, not work.
static inline void cpu_relax(void) { __builtin_ia32_pause(); }

/// Asks for a cache line that will be read soon; any address is allowed.
static inline void prefetch_line(const void *address) { __builtin_prefetch(address); }

/// The same for a line that is read later: it goes no nearer than the second-level cache.
static inline void prefetch_line_early(const void *address) { __builtin_prefetch(address, 0, 2); }
#else
static inline void cpu_relax(void) {}
static inline _Bool cpu_has_avx2_set(void) { return 0; }
static inline _Bool cpu_has_avx512_set(void) { return 0; }
#endif
