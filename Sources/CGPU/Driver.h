// What every driver has in common.
#include "CGPU.h"

// The launches that a queue may be ahead of the device.
enum { WINDOW = 16, LOG_SIZE = 1024 };

typedef struct {
  cgpu_status (*count_devices)(cgpu_driver *, int *);
  cgpu_status (*describe)(cgpu_driver *, int, cgpu_description *);
  cgpu_status (*program_open)(cgpu_driver *, int, const void *, size_t, cgpu_program **, char *);
  cgpu_status (*program_binary)(cgpu_program *, void **, size_t *);
  void (*program_close)(cgpu_program *);
  cgpu_status (*allocate)(cgpu_program *, size_t, cgpu_memory **);
  void (*release)(cgpu_program *, cgpu_memory *);
  cgpu_status (*queue_open)(cgpu_program *, cgpu_queue **);
  void (*queue_close)(cgpu_queue *);
  cgpu_status (*upload)(cgpu_queue *, cgpu_memory *, const void *, size_t);
  cgpu_status (*download)(cgpu_queue *, cgpu_memory *, void *, size_t);
  cgpu_status (*launch)(cgpu_queue *, cgpu_kernel, const size_t *, const cgpu_argument *, int);
  cgpu_status (*finish)(cgpu_queue *);
} driver_calls;

// Drivers, programs and queues begin with these.
struct cgpu_driver {
  const driver_calls *calls;
};
struct cgpu_program {
  cgpu_driver *driver;
};
struct cgpu_queue {
  cgpu_program *program;
};

// The number of threads of a group of each kernel.
extern const unsigned cgpu_kernel_threads[];

// The host's own memory is at an end.
cgpu_status cgpu_no_host_memory(void);
// Collects functions by their names; the name of the first that is missing, or NULL.
typedef struct {
  const char *name;
  void *function;
} driver_symbol;
const char *cgpu_collect(cgpu_find find, void *context, const driver_symbol *symbols, size_t count);
