// OpenCL 1.2 by its loader, libOpenCL.so.1. Only what is used is declared, by the numbers of the standard's headers
// (Khronos, CL/cl.h), so that none has to be installed.
#include "Driver.h"

typedef struct handle *cl;

typedef struct {
  cgpu_driver driver;
  int (*get_platforms)(uint32_t, cl *, uint32_t *);
  int (*get_platform_info)(cl, uint32_t, size_t, void *, size_t *);
  int (*get_devices)(cl, uint64_t, uint32_t, cl *, uint32_t *);
  int (*get_device_info)(cl, uint32_t, size_t, void *, size_t *);
  cl (*create_context)(const intptr_t *, uint32_t, const cl *, void *, void *, int *);
  int (*release_context)(cl);
  cl (*create_queue)(cl, cl, uint64_t, int *);
  int (*release_queue)(cl);
  cl (*create_with_source)(cl, uint32_t, const char **, const size_t *, int *);
  cl (*create_with_binary)(cl, uint32_t, const cl *, const size_t *, const unsigned char **, int *, int *);
  int (*build)(cl, uint32_t, const cl *, const char *, void *, void *);
  int (*get_program_info)(cl, uint32_t, size_t, void *, size_t *);
  int (*get_build_info)(cl, cl, uint32_t, size_t, void *, size_t *);
  int (*release_program)(cl);
  cl (*create_kernel)(cl, const char *, int *);
  int (*release_kernel)(cl);
  int (*set_argument)(cl, uint32_t, size_t, const void *);
  cl (*create_buffer)(cl, uint64_t, size_t, void *, int *);
  int (*release_buffer)(cl);
  int (*write_buffer)(cl, cl, uint32_t, size_t, size_t, const void *, uint32_t, const cl *, cl *);
  int (*read_buffer)(cl, cl, uint32_t, size_t, size_t, void *, uint32_t, const cl *, cl *);
  int (*launch)(cl, cl, uint32_t, const size_t *, const size_t *, const size_t *, uint32_t, const cl *, cl *);
  int (*wait)(uint32_t, const cl *);
  int (*release_event)(cl);
  int (*flush)(cl);
  int (*finish)(cl);
} opencl_driver;

typedef struct {
  cgpu_program program;
  opencl_driver *cl;
  cl device, context, code;
} opencl_program;

typedef struct {
  cgpu_queue queue;
  opencl_program *program;
  cl commands, kernels[cgpu_kernel_count], mark;
  int launches;
} opencl_queue;

// Returns from the function that calls it if a call fails.
#define TRY(expression, call)                        \
  do {                                               \
    int code_ = (expression);                        \
    if (code_) return opencl_status(code_, call);           \
  } while (0)

enum { OPENCL_NO_DEVICE = -1 };

// What a number of the driver means.
cgpu_status opencl_status(int code, const char *call);
cgpu_status opencl_count_devices(cgpu_driver *driver, int *count);
cgpu_status opencl_describe(cgpu_driver *driver, int index, cgpu_description *description);
// A device by its index.
cgpu_status opencl_find_device(opencl_driver *driver, int index, cl *device, cl *platform);
// Programs and queues.
extern const driver_calls opencl_calls;
