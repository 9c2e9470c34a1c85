#define _GNU_SOURCE
#include "Writing.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "CNCurses.h"

// A tick in milliseconds, and the ticks after which output is given up: if the program is to end, and if it is closing
// the terminal of itself.
enum { tick = 100, ticks_to_end = 3, ticks_to_close = 10, patience = 300 };

static volatile sig_atomic_t direct_output = -1, writing, closing, hurried, ticks, listening, output_lost;
static struct termios raw_modes;
static timer_t timer;
static bool has_timer;

void cnc_watch_output(void) {
  writing = closing = hurried = listening = output_lost = 0;
  // A file description of its own: others may share that of standard output, which has to block.
  direct_output = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGALRM};
  event.sigev_value.sival_ptr = &timer;
  event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
  has_timer = timer_create(CLOCK_MONOTONIC, &event, &timer) == 0;
}

void cnc_unwatch_output(void) {
  if (has_timer) timer_delete(timer);
  has_timer = false;
  if (direct_output >= 0) close(direct_output);
  direct_output = -1;
}

static void run_timer(long milliseconds) {
  struct timespec time = {.tv_nsec = milliseconds * 1000000L};
  struct itimerspec times = {.it_value = time, .it_interval = time};
  if (has_timer) timer_settime(timer, 0, &times, NULL);
}

void cnc_begin_output(bool is_last) {
  if (!hurried) ticks = 0;
  closing = is_last;
  writing = 1;
  run_timer(tick);
}

void cnc_end_output(void) {
  writing = 0;
  if (!hurried) run_timer(0);
  if (!listening) return;
  listening = 0;
  struct termios modes;
  // The shell's own modes may be back.
  if (tcgetattr(STDIN_FILENO, &modes) != 0 || modes.c_lflag & ICANON) return;
  tcsetattr(STDIN_FILENO, TCSANOW, &raw_modes);
}

void cnc_hurry_output(void) {
  hurried = 1;
  ticks = 0;
  run_timer(tick);
}

bool cnc_is_tick(int number, const siginfo_t *info) {
  return number == SIGALRM && info->si_code == SI_TIMER && info->si_value.sival_ptr == &timer;
}

// The thread that writes is the one that reads keys. While it waits, the terminal itself has to see to Ctrl-C; other
// keys stay in its queue.
static void listen_for_interrupt(void) {
  struct termios modes;
  if (tcgetattr(STDIN_FILENO, &modes) != 0 || modes.c_lflag & ISIG) return;
  raw_modes = modes;
  modes.c_lflag |= ISIG | NOFLSH;
  modes.c_cc[VINTR] = 3;
  modes.c_cc[VQUIT] = modes.c_cc[VSUSP] = _POSIX_VDISABLE;
  if (tcsetattr(STDIN_FILENO, TCSANOW, &modes) == 0) listening = 1;
}

// The thread that draws may be blocked in a write that never ends. Its output goes nowhere from now on, and this signal
// has interrupted the write.
static void lose_output(void) {
  int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere < 0) return;
  dup2(nowhere, STDOUT_FILENO);
  close(nowhere);
  output_lost = 1;
}

void cnc_tick(void) {
  ticks = ticks + 1;
  if (output_lost) return;
  if (writing && !listening) listen_for_interrupt();
  if ((hurried && ticks >= ticks_to_end) || (writing && closing && ticks >= ticks_to_close)) lose_output();
}

bool cnc_output_lost(void) { return output_lost; }

void cnc_write_all(int file, const char *bytes, int count) {
  while (count > 0) {
    ssize_t written = write(file, bytes, (size_t)count);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    bytes += written;
    count -= (int)written;
  }
}

void cnc_write_reset(const char *bytes, int count) {
  if (direct_output < 0) return cnc_write_all(STDOUT_FILENO, bytes, count);
  bool has_discarded = false;
  while (count > 0) {
    ssize_t written = write(direct_output, bytes, (size_t)count);
    if (written > 0) {
      bytes += written;
      count -= (int)written;
    } else if (written == 0 || errno == EAGAIN) {
      struct pollfd output = {.fd = direct_output, .events = POLLOUT};
      if (poll(&output, 1, patience) > 0) continue;
      if (has_discarded) return;
      has_discarded = true;
      tcflush(direct_output, TCOFLUSH);
    } else if (errno != EINTR) {
      return;
    }
  }
}
