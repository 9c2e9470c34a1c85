#ifndef STUB_DRIVERS_H
#define STUB_DRIVERS_H

// Drivers for tests. Each `find` gives functions by their names, as a library would.

/// OpenCL's functions, those of a library, of which one call can be made to fail. The context is the library.
void *_Nullable stub_opencl_find(void *_Nullable library, const char *_Nonnull name);
/// Makes the call of this number, counted from 1, fail with a code; 0 lets all pass. The count begins anew.
void stub_opencl_fail(long call, int code);
/// The calls since then.
long stub_opencl_calls(void);
/// The name of the function that failed; NULL if none has.
const char *_Nullable stub_opencl_failed(void);
/// The programs that were made of source since then.
long stub_opencl_sources(void);
/// Makes every launch take as long as this before it begins; 0 for no time. The count of launches begins anew.
void stub_opencl_slow(long microseconds);
/// The launches since then.
long stub_opencl_launches(void);
/// A name of a function that the library is to lack; NULL for none.
void stub_opencl_lack(const char *_Nullable name);
/// A careless driver: options that it compiles with besides, a piece of the source that it takes for another, and bits
/// of the floating-point configuration that it does not report. NULL and 0 for one that is as it is.
void stub_opencl_careless(const char *_Nullable options, const char *_Nullable piece, const char *_Nullable other,
                          unsigned long lacks);

/// CUDA's driver for a card that is not there: it computes by the OpenCL library that is the context, and takes the
/// arguments of a kernel as the PTX declares them.
void *_Nullable stub_cuda_find(void *_Nullable opencl_library, const char *_Nonnull name);
/// Makes every call of the function with this name fail with a code; NULL lets all pass.
void stub_cuda_fail(const char *_Nullable name, int code);
/// The number of devices that there are.
void stub_cuda_devices(int count);
/// How often a context was made a thread's own.
long stub_cuda_contexts(void);

#endif
