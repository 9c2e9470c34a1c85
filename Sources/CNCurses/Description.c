// Facts about a terminal and the locale that are known before a screen is opened.
#include "CNCurses.h"

#include <langinfo.h>
#include <locale.h>
#include <string.h>
#include <term.h>
#include <unistd.h>

cnc_description cnc_describe(const char *term) {
  cnc_description result = {0};
  int error;
  if (!term || setupterm(term, STDOUT_FILENO, &error) != OK) return result;
  int colors = tigetnum("colors");
  const char *move = tigetstr("cup"), *clear = tigetstr("clear");
  result.known = true;
  result.colors = colors > 0 ? colors : 0;
  result.addressable = move && move != (char *)-1 && clear && clear != (char *)-1;
  del_curterm(cur_term);
  return result;
}

bool cnc_set_locale(void) {
  setlocale(LC_CTYPE, "");
  return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}
