#ifndef CNCURSES_WRITING_H
#define CNCURSES_WRITING_H

// Writing to a terminal that may not be read any more. Private to this target.

#include <signal.h>
#include <stdbool.h>

// Starts to watch what the calling thread writes, and stops.
void cnc_watch_output(void);
void cnc_unwatch_output(void);

// Brackets everything that is written to the terminal, which may block for ever. Ctrl-C, which is otherwise a key, is a
// signal from a tenth of a second on. If nothing is written afterwards, the end is awaited for a second at most.
void cnc_begin_output(bool is_last);
void cnc_end_output(void);

// Gives the output a third of a second, since the program is to end. Async-signal-safe, as are the following.
void cnc_hurry_output(void);
// Whether a signal is that of the watch, and what it has to do.
bool cnc_is_tick(int number, const siginfo_t *info);
void cnc_tick(void);
// Writes to the terminal, discarding what waits there unread if it takes no more.
void cnc_write_reset(const char *bytes, int count);
void cnc_write_all(int file, const char *bytes, int count);

// Colour pairs.
void cnc_start_colors(void);

#endif
