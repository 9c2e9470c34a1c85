// Colour pairs.
#define _GNU_SOURCE
#include "CNCurses.h"

#include "Writing.h"

static bool has_default_colors;
static int pair_limit;

void cnc_start_colors(void) {
  has_default_colors = false;
  pair_limit = 0;
  if (!has_colors() || start_color() != OK) return;
  has_default_colors = use_default_colors() == OK;
  pair_limit = COLOR_PAIRS > 0 ? COLOR_PAIRS : 0;
}

int cnc_pair_limit(void) { return pair_limit; }

bool cnc_set_pair(int pair, int foreground, int background) {
  if (!has_default_colors) {
    if (foreground < 0) foreground = COLOR_WHITE;
    if (background < 0) background = COLOR_BLACK;
  }
  // Not alloc_pair, which searches all existing pairs, and then for a free number.
  return init_extended_pair(pair, foreground, background) == OK;
}

void cnc_forget_pairs(int count) {
  reset_color_pairs();
  // ncurses allocates up to the highest number used. If that grows step by step, each step moves all pairs, with a
  // search for each.
  if (count > 0 && count < pair_limit) cnc_set_pair(count, COLOR_WHITE, COLOR_BLACK);
}
