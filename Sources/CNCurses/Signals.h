#ifndef CNCURSES_SIGNALS_H
#define CNCURSES_SIGNALS_H

// Signal handlers that restore the terminal however the process ends. Private to this target.

#include <stdbool.h>

// The most bytes to write when the process dies. A terminfo entry, of at most 32 KiB, fits twice.
enum { cnc_reset_size = 1 << 16 };

// Saves the modes of the terminal and installs the handlers.
void cnc_signals_install(int wake);
// Sets the bytes to write when the process dies; they are known only once the terminal is open.
void cnc_signals_arm(const char *reset, int count);
// Releases the screen: from here on the handlers leave it alone.
void cnc_signals_disarm(void);
// Takes over again after cnc_signals_disarm.
void cnc_signals_rearm(void);
// Restores the handlers that were installed before; the screen has already been released.
void cnc_signals_remove(void);
// Restores the terminal as the handlers do, without waiting for one that is not read.
void cnc_signals_restore(void);
// Stops the process group as Ctrl-Z does; returns when continued.
void cnc_stop_process_group(void);

#endif
