#include "CCurl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The part of libcurl's interface that is used. Its numbers are part of the binary interface of libcurl.so.4, which has
// been the same since 2006 (curl's documentation, "libcurl ABI"), so that no header is needed to build the program.
enum {
  OPTION_WRITEDATA = 10001,
  OPTION_URL = 10002,
  OPTION_PROXY = 10004,
  OPTION_ERRORBUFFER = 10010,
  OPTION_LOW_SPEED_LIMIT = 19,
  OPTION_LOW_SPEED_TIME = 20,
  OPTION_HTTPHEADER = 10023,
  OPTION_HEADERDATA = 10029,
  OPTION_NOPROGRESS = 43,
  OPTION_NOBODY = 44,
  OPTION_XFERINFODATA = 10057,
  OPTION_CAINFO = 10065,
  OPTION_NOSIGNAL = 99,
  OPTION_CONNECTTIMEOUT_MS = 156,
  OPTION_NOPROXY = 10177,
  OPTION_PROTOCOLS = 181,
  OPTION_SUPPRESS_CONNECT_HEADERS = 265,
  OPTION_WRITEFUNCTION = 20011,
  OPTION_HEADERFUNCTION = 20079,
  OPTION_XFERINFOFUNCTION = 20219,
};
enum { GLOBAL_DEFAULT = 3, PROTOCOL_HTTP = 1, PROTOCOL_HTTPS = 2 };

static struct {
  int (*global_init)(long);
  void *(*easy_init)(void);
  void (*easy_reset)(void *);
  int (*easy_setopt)(void *, int, ...);
  int (*easy_perform)(void *);
  void (*easy_cleanup)(void *);
  const char *(*easy_strerror)(int);
  void *(*slist_append)(void *, const char *);
  void (*slist_free_all)(void *);
  int is_loaded;
} curl;

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
  static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};
  void *library = NULL;
  for (size_t i = 0; !library && i < sizeof names / sizeof *names; i++) {
    library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  }
  if (!library) return;
  const struct {
    const char *name;
    void *function;
  } symbols[] = {
      {"curl_global_init", &curl.global_init},     {"curl_easy_init", &curl.easy_init},
      {"curl_easy_reset", &curl.easy_reset},       {"curl_easy_setopt", &curl.easy_setopt},
      {"curl_easy_perform", &curl.easy_perform},   {"curl_easy_cleanup", &curl.easy_cleanup},
      {"curl_easy_strerror", &curl.easy_strerror}, {"curl_slist_append", &curl.slist_append},
      {"curl_slist_free_all", &curl.slist_free_all},
  };
  for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
    void *found = dlsym(library, symbols[i].name);
    if (!found) return;
    memcpy(symbols[i].function, &found, sizeof found);
  }
  curl.is_loaded = curl.global_init(GLOBAL_DEFAULT) == 0;
}

struct ccurl_connection {
  void *easy;
};

ccurl_connection *ccurl_open(char *message) {
  pthread_once(&once, load);
  ccurl_connection *connection = curl.is_loaded ? malloc(sizeof *connection) : NULL;
  if (connection && !(connection->easy = curl.easy_init())) {
    free(connection);
    connection = NULL;
  }
  if (!connection) snprintf(message, 256, "libcurl.so.4 cannot be loaded; install it (Debian's package libcurl4)");
  return connection;
}

void ccurl_close(ccurl_connection *connection) {
  curl.easy_cleanup(connection->easy);
  free(connection);
}

// libcurl takes another number than that of the bytes it gave as the wish to stop.
static size_t give_header(char *bytes, size_t size, size_t count, void *context) {
  const ccurl_request *request = context;
  return request->header(request->context, bytes, size * count) == 0 ? size * count : size * count + 1;
}

static size_t give_body(char *bytes, size_t size, size_t count, void *context) {
  const ccurl_request *request = context;
  return request->body(request->context, bytes, size * count) == 0 ? size * count : size * count + 1;
}

static int give_turn(void *context, long long all, long long now, long long up, long long sent) {
  (void)all, (void)now, (void)up, (void)sent;
  const ccurl_request *request = context;
  return request->poll(request->context);
}

static ccurl_result result_of(int code) {
  switch (code) {
    case 0: return CCURL_DONE;
    case 23: case 42: return CCURL_STOPPED;
    case 5: case 6: case 7: case 97: return CCURL_UNREACHABLE;
    case 35: case 53: case 54: case 58: case 59: case 60: case 66: case 77: case 80: case 82: case 83: case 90: case 91:
      return CCURL_INSECURE;
    case 28: return CCURL_STALLED;
    case 16: case 18: case 52: case 55: case 56: case 92: case 95: return CCURL_CUT;
    default: return CCURL_FAILED;
  }
}

ccurl_result ccurl_perform(ccurl_connection *connection, const ccurl_request *request, char *message) {
  void *easy = connection->easy, *lines = NULL;
  curl.easy_reset(easy);
  message[0] = 0;
  for (const char *const *line = request->headers; *line; line++) {
    void *longer = curl.slist_append(lines, *line);
    if (!longer) {
      curl.slist_free_all(lines);
      snprintf(message, 256, "out of memory");
      return CCURL_FAILED;
    }
    lines = longer;
  }
  int code = 0;
#define SET(option, value) (code = code ? code : curl.easy_setopt(easy, option, value))
  SET(OPTION_URL, request->url);
  SET(OPTION_NOBODY, (long)request->is_head);
  SET(OPTION_HTTPHEADER, lines);
  SET(OPTION_PROXY, request->proxy);
  SET(OPTION_NOPROXY, request->no_proxy);
  if (request->certificates) SET(OPTION_CAINFO, request->certificates);
  SET(OPTION_PROTOCOLS, (long)(PROTOCOL_HTTP | PROTOCOL_HTTPS));
  SET(OPTION_CONNECTTIMEOUT_MS, request->connect_milliseconds);
  SET(OPTION_LOW_SPEED_LIMIT, 1L);
  SET(OPTION_LOW_SPEED_TIME, request->stall_seconds);
  SET(OPTION_NOSIGNAL, 1L);
  SET(OPTION_SUPPRESS_CONNECT_HEADERS, 1L);
  SET(OPTION_ERRORBUFFER, message);
  SET(OPTION_HEADERFUNCTION, &give_header);
  SET(OPTION_HEADERDATA, (void *)request);
  SET(OPTION_WRITEFUNCTION, &give_body);
  SET(OPTION_WRITEDATA, (void *)request);
  SET(OPTION_XFERINFOFUNCTION, &give_turn);
  SET(OPTION_XFERINFODATA, (void *)request);
  SET(OPTION_NOPROGRESS, 0L);
#undef SET
  if (!code) code = curl.easy_perform(easy);
  curl.slist_free_all(lines);
  if (code && !message[0]) snprintf(message, 256, "%s", curl.easy_strerror(code));
  // The texts of the request are the caller's, and libcurl keeps the addresses of some.
  curl.easy_reset(easy);
  return result_of(code);
}
