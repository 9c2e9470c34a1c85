#ifndef CGPU_H
#define CGPU_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cgpu_problems.h"

// Devices by a driver that is loaded when one is first asked for: OpenCL's or CUDA's. Nothing of either is needed to
// build or to start the program. Any thread may call; a queue, and all that is made by it, wants one caller at a time.

/// How a call of the driver ended.
typedef struct {
  /// The driver's own number; 0 if all went well.
  int code;
  /// The function that failed, and the name of the number; NULL if all went well, or if the number has no name.
  const char *_Nullable call, *_Nullable name;
  /// Whether it failed for want of memory.
  bool is_out_of_memory;
  /// Whether every further call of this process will fail as well.
  bool is_lasting;
} cgpu_status;

/// The functions of a driver.
typedef struct cgpu_driver cgpu_driver;
/// The kernels, compiled for a device.
typedef struct cgpu_program cgpu_program;
/// Launches of a program's kernels, one after the other.
typedef struct cgpu_queue cgpu_queue;
/// Memory of a device.
typedef struct cgpu_memory cgpu_memory;

/// Finds a function of a library by its name; NULL if it lacks it.
typedef void *_Nullable (*cgpu_find)(void *_Nullable context, const char *_Nonnull name);

/// A device, as its driver describes it. Texts end with a zero.
typedef struct {
  char name[256], platform[256], driver_version[256];
  uint64_t memory;
  bool is_gpu;
  /// Its multiprocessors and the threads that each holds, by CUDA; 0 by OpenCL, which does not say.
  int multiprocessors, threads_per_multiprocessor;
  /// What it lacks, as the middle of a sentence; empty if it has all that is needed.
  char lacks[256];
} cgpu_description;

/// An argument of a kernel: memory, or bytes that it gets by value.
typedef struct {
  cgpu_memory *_Nullable memory;
  const void *_Nullable bytes;
  size_t count;
} cgpu_argument;

/// The kernels and the number of threads of a group of each.
#define CGPU_KERNELS(X)                                                                                              \
  X(convolution_single, 64) X(convolution_tiled, 256) X(winograd_input_4, 128) X(winograd_input_6, 128)              \
  X(winograd_products, 256) X(winograd_output_4, 128) X(winograd_output_6, 128) X(group_norm, 256)                   \
  X(layer_norm, 256) X(activation, 256) X(modulation, 256) X(resample, 256) X(attention_scores, 256)                 \
  X(attention_softmax, 256) X(attention_values, 256) X(group_norm_winograd_4, 256) X(group_norm_winograd_6, 256) \
  X(placement, 256) X(spatial_modulation, 256) X(addition, 256) X(quantization, 256) X(probe, 64)

/// A kernel, by its place in the list.
typedef enum {
#define CGPU_KERNEL(name, threads) cgpu_run_##name,
  CGPU_KERNELS(CGPU_KERNEL)
#undef CGPU_KERNEL
      cgpu_kernel_count
} cgpu_kernel;

/// The kernels' source, which ends with a zero, and the options that OpenCL compiles it with.
const char *_Nonnull cgpu_source(void);
extern const char *_Nonnull const cgpu_options;
/// The same as PTX for CUDA, which ends with a zero.
const char *_Nonnull cgpu_ptx(void);
/// The name of a kernel.
const char *_Nonnull cgpu_kernel_name(cgpu_kernel kernel);

/// Opens a library for ``cgpu_find_in``; NULL, with a line in `message` (at least 256 bytes), if there is none.
void *_Nullable cgpu_open_library(const char *_Nonnull name, char *_Nonnull message);
/// Finds a function in a library.
void *_Nullable cgpu_find_in(void *_Nullable library, const char *_Nonnull name);

/// Collects the functions of a driver, which stay for as long as the program runs; NULL, with a line in `message` (at
/// least 256 bytes), if one is missing.
cgpu_driver *_Nullable cgpu_opencl(cgpu_find _Nonnull find, void *_Nullable context, char *_Nonnull message);
cgpu_driver *_Nullable cgpu_cuda(cgpu_find _Nonnull find, void *_Nullable context, char *_Nonnull message);

/// Counts the devices: those of all platforms, GPUs first.
cgpu_status cgpu_count_devices(cgpu_driver *_Nonnull driver, int *_Nonnull count);
/// Describes a device, by its index below the count.
cgpu_status cgpu_describe(cgpu_driver *_Nonnull driver, int index, cgpu_description *_Nonnull description);

/// Compiles the kernels for a device.
///
/// - binary: what `cgpu_program_binary` gave for the same device and source; NULL to compile the source.
/// - log: at least 1024 bytes for what the compiler says.
cgpu_status cgpu_program_open(cgpu_driver *_Nonnull driver, int index, const void *_Nullable binary, size_t count,
                              cgpu_program *_Nullable *_Nonnull program, char *_Nonnull log);
/// The compiled kernels; `free` releases the bytes. A driver that compiles by itself has none: the count is 0.
cgpu_status cgpu_program_binary(cgpu_program *_Nonnull program, void *_Nullable *_Nonnull bytes,
                                size_t *_Nonnull count);
void cgpu_program_close(cgpu_program *_Nonnull program);

/// Allocates memory; its contents are unspecified.
cgpu_status cgpu_allocate(cgpu_program *_Nonnull program, size_t bytes, cgpu_memory *_Nullable *_Nonnull memory);
/// Releases it, once all that uses it is done.
void cgpu_release(cgpu_program *_Nonnull program, cgpu_memory *_Nonnull memory);

/// Makes a queue, with kernels of its own.
cgpu_status cgpu_queue_open(cgpu_program *_Nonnull program, cgpu_queue *_Nullable *_Nonnull queue);
void cgpu_queue_close(cgpu_queue *_Nonnull queue);
/// Copies to memory, and returns when the bytes are read.
cgpu_status cgpu_write(cgpu_queue *_Nonnull queue, cgpu_memory *_Nonnull memory, const void *_Nonnull from,
                       size_t count);
/// Copies from memory, once all that was launched is done.
cgpu_status cgpu_read(cgpu_queue *_Nonnull queue, cgpu_memory *_Nonnull memory, void *_Nonnull to, size_t count);
/// Launches a kernel with groups in three dimensions. It waits where too many launches are ahead, so that whoever wants
/// to stop a forward pass can.
cgpu_status cgpu_launch(cgpu_queue *_Nonnull queue, cgpu_kernel kernel, const size_t *_Nonnull groups,
                        const cgpu_argument *_Nonnull arguments, int count);
/// Waits until everything is done.
cgpu_status cgpu_finish(cgpu_queue *_Nonnull queue);

#endif
