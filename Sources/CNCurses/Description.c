// Facts about a terminal and the locale that are known before a screen is opened.
#define _GNU_SOURCE
#include "CNCurses.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
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

// Whether the environment asks for UTF-8: by en_US.UTF-8 or ca_ES.utf8@valencia, or by UTF-8 alone, as macOS does.
static bool environment_asks_for_utf8(void) {
  static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
  const char *name = NULL;
  for (int i = 0; i < 3 && !(name && *name); i++) name = getenv(variables[i]);
  if (!name) return false;
  const char *point = strchr(name, '.'), *code = point ? point + 1 : name;
  size_t length = strcspn(code, "@");
  return (length == 5 && strncasecmp(code, "UTF-8", 5) == 0) || (length == 4 && strncasecmp(code, "UTF8", 4) == 0);
}

// ssh passes on names of locales that only the other machine has. C.UTF-8 has the same characters.
static const char substitute[] = "C.UTF-8";

cnc_locale cnc_survey_locale(void) {
  locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
  cnc_locale result = {.installed = locale != (locale_t)0};
  if (!locale && environment_asks_for_utf8()) locale = newlocale(LC_CTYPE_MASK, substitute, (locale_t)0);
  if (!locale) return result;
  result.utf8 = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
  freelocale(locale);
  return result;
}

bool cnc_set_locale(void) {
  if (!setlocale(LC_CTYPE, "") && environment_asks_for_utf8()) setlocale(LC_CTYPE, substitute);
  return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}
