// CUDA's driver interface by libcuda.so.1. Only what is used is declared, by the numbers of its documentation ("CUDA
// Driver API"), so that no header has to be installed.
#include "Driver.h"

typedef void *cuda_handle;

typedef struct {
  cgpu_driver driver;
  int (*init)(unsigned);
  int (*driver_version)(int *);
  int (*error_name)(int, const char **);
  int (*device_count)(int *);
  int (*device_get)(int *, int);
  int (*device_name)(char *, int, int);
  int (*device_memory)(size_t *, int);
  int (*device_attribute)(int *, int, int);
  int (*retain_context)(cuda_handle *, int);
  int (*release_context)(int);
  int (*set_context)(cuda_handle);
  int (*synchronize)(void);
  int (*load_module)(cuda_handle *, const void *, unsigned, const int *, void **);
  int (*unload_module)(cuda_handle);
  int (*get_function)(cuda_handle *, cuda_handle, const char *);
  int (*allocate)(uint64_t *, size_t);
  int (*release)(uint64_t);
  int (*create_stream)(cuda_handle *, unsigned);
  int (*destroy_stream)(cuda_handle);
  int (*upload)(uint64_t, const void *, size_t, cuda_handle);
  int (*download)(void *, uint64_t, size_t, cuda_handle);
  int (*launch)(cuda_handle, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, cuda_handle, void **,
                void **);
  int (*finish)(cuda_handle);
  int (*create_event)(cuda_handle *, unsigned);
  int (*destroy_event)(cuda_handle);
  int (*record)(cuda_handle, cuda_handle);
  int (*wait)(cuda_handle);
} cuda_driver;

// Returns from the function that calls it if a call fails.
#define TRY(d, expression, call)                             \
  do {                                                       \
    int code_ = (expression);                                \
    if (code_) return cuda_status(d, code_, call);           \
  } while (0)

// What a number of the driver means.
cgpu_status cuda_status(cuda_driver *driver, int code, const char *call);
cgpu_status cuda_count_devices(cgpu_driver *driver, int *count);
cgpu_status cuda_describe(cgpu_driver *driver, int index, cgpu_description *description);
// Programs and queues.
extern const driver_calls cuda_calls;
