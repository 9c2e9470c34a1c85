#ifndef CNCURSES_SIGNALS_H
#define CNCURSES_SIGNALS_H

// Handlers that give the terminal back whatever ends the process. Private to this target.

// Keeps the modes of the terminal and sets the handlers.
void cnc_signals_install(int wake);
// What to write when the process dies: known only once the terminal is open.
void cnc_signals_arm(const char *reset, int count);
// From here on the screen is not ours.
void cnc_signals_disarm(void);
// Takes over again after cnc_signals_disarm.
void cnc_signals_rearm(void);
// The screen is given back: the handlers that were there before return.
void cnc_signals_remove(void);
void cnc_write_all(int file, const char *bytes, int count);
// Stops the process group as Ctrl-Z does; returns when continued.
void cnc_stop_process_group(void);

#endif
