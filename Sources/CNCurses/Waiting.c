// Waiting for input, and the priority of threads that compute.
#define _GNU_SOURCE
#include "CNCurses.h"

#include <errno.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

int cnc_wait(int wake, int milliseconds) {
  struct pollfd files[] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = wake, .events = POLLIN}};
  int happened = 0;
  if (poll(files, 2, milliseconds) <= 0) return 0;
  if (files[0].revents & POLLIN) happened |= cnc_input;
  if (files[0].revents & (POLLHUP | POLLERR | POLLNVAL)) happened |= cnc_hangup;
  if (files[1].revents & POLLIN) {
    uint64_t times;
    ssize_t ignored = read(wake, &times, sizeof times);
    (void)ignored;
    happened |= cnc_woken;
  }
  return happened;
}

void cnc_yield_to_terminal(void) {
  static _Thread_local bool is_done;
  if (is_done) return;
  is_done = true;
  // On Linux the id 0 is the calling thread. If this is refused, only the response to keys is slower.
  errno = 0;
  int now = getpriority(PRIO_PROCESS, 0);
  if (errno == 0) setpriority(PRIO_PROCESS, 0, now + 10);
}
