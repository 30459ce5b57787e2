// SPDX-License-Identifier: Apache-2.0
#include "io/systemd_bus.h"
#include "base/alloc.h"
#include "base/library.h"
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <systemd/sd-bus.h>

#define LIBRARY "libsystemd.so.0"
#define SERVICE "org.freedesktop.systemd1"
#define MANAGER_PATH "/org/freedesktop/systemd1"
#define MANAGER SERVICE ".Manager"
#define PROPERTIES "org.freedesktop.DBus.Properties"
#define UNIT_PREFIX MANAGER_PATH "/unit/"
#define DEPTH_LIMIT 32 // D-Bus itself allows 64

#define FUNCTIONS(X)                  \
    X(sd_bus_new)                     \
    X(sd_bus_set_address)             \
    X(sd_bus_set_bus_client)          \
    X(sd_bus_start)                   \
    X(sd_bus_set_method_call_timeout) \
    X(sd_bus_flush_close_unref)       \
    X(sd_bus_call)                    \
    X(sd_bus_error_free)              \
    X(sd_bus_message_new_method_call) \
    X(sd_bus_message_append_basic)    \
    X(sd_bus_message_open_container)  \
    X(sd_bus_message_close_container) \
    X(sd_bus_message_peek_type)       \
    X(sd_bus_message_enter_container) \
    X(sd_bus_message_exit_container)  \
    X(sd_bus_message_read_basic)      \
    X(sd_bus_message_skip)            \
    X(sd_bus_message_unref)

static struct { FUNCTIONS(LIBRARY_MEMBER) } library;

static char failure[256]; // empty: all functions are there

static void load_library(void) {
    static const char *const names[] = {LIBRARY, NULL};
    static const char *const functions[] = {FUNCTIONS(LIBRARY_NAME)};
    library_load(names, functions, ARRAY_SIZE(functions), (void **)&library, failure, sizeof failure);
}

struct systemd_bus {
    sd_bus *bus;
};

static void unref_message(sd_bus_message **message) {
    if (*message)
        library.sd_bus_message_unref(*message);
}
#define _cleanup_message_ _cleanup_(unref_message)

static void free_bus_error(sd_bus_error *error) {
    library.sd_bus_error_free(error);
}
#define _cleanup_bus_error_ _cleanup_(free_bus_error)

void systemd_bus_close(struct systemd_bus *bus) {
    if (!bus)
        return;
    if (bus->bus)
        library.sd_bus_flush_close_unref(bus->bus);
    free(bus);
}

static int connect_failure(int r, const char *address, struct error **err) {
    enum error_code code = r == -EACCES || r == -EPERM ? ERROR_DENIED : ERROR_UNAVAILABLE;
    return error_set(err, code, "cannot connect to %s: %s", address, strerror(-r));
}

int systemd_bus_open(const char *address, bool is_direct, unsigned timeout_ms, struct systemd_bus **ret,
                     struct error **err) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load_library);
    if (*failure)
        return error_set(err, ERROR_UNAVAILABLE, "%s", failure);
    _cleanup_systemd_bus_ struct systemd_bus *bus = xcalloc(1, sizeof *bus);
    int r = library.sd_bus_new(&bus->bus);
    if (r >= 0)
        r = library.sd_bus_set_address(bus->bus, address);
    if (r >= 0)
        r = library.sd_bus_set_bus_client(bus->bus, !is_direct);
    if (r >= 0)
        r = library.sd_bus_set_method_call_timeout(bus->bus, (uint64_t)timeout_ms * 1000);
    if (r >= 0)
        r = library.sd_bus_start(bus->bus);
    if (r < 0)
        return connect_failure(r, address, err);
    *ret = TAKE_PTR(bus);
    return 0;
}

// --- calls ---

static bool means_no_systemd(const sd_bus_error *error) {
    static const char *const names[] = {
        "org.freedesktop.DBus.Error.ServiceUnknown",
        "org.freedesktop.DBus.Error.NameHasNoOwner",
        "org.freedesktop.DBus.Error.Disconnected",
    };
    if (!error->name)
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (str_eq(error->name, names[i]))
            return true;
    return str_has_prefix(error->name, "org.freedesktop.DBus.Error.Spawn.");
}

static enum error_code code_of(int r, const sd_bus_error *error) {
    if (means_no_systemd(error) || r == -ENOTCONN || r == -ECONNRESET || r == -ECONNREFUSED || r == -ENOENT)
        return ERROR_UNAVAILABLE;
    if (r == -ETIMEDOUT)
        return ERROR_TIMEOUT;
    return r == -EACCES || r == -EPERM ? ERROR_DENIED : ERROR_INTERNAL;
}

static int call(struct systemd_bus *bus, sd_bus_message *request, const char *what, sd_bus_message **ret,
                struct error **err) {
    _cleanup_bus_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
    int r = library.sd_bus_call(bus->bus, request, 0, &error, ret);
    if (r >= 0)
        return 0;
    return error_set(err, code_of(r, &error), "systemd: %s: %s", what, error.message ? error.message : strerror(-r));
}

static int bad_message(int r, const char *what, struct error **err) {
    return error_set(err, ERROR_INTERNAL, "systemd: %s: a message that cannot be read: %s", what,
                     r < 0 ? strerror(-r) : "it ends early");
}

static int append_strings(sd_bus_message *message, const char *const *strings) {
    int r = library.sd_bus_message_open_container(message, 'a', "s");
    for (; r >= 0 && *strings; strings++)
        r = library.sd_bus_message_append_basic(message, 's', *strings);
    return r < 0 ? r : library.sd_bus_message_close_container(message);
}

// a(ssssssouso): the name comes first in each.
static int read_names(sd_bus_message *reply, struct strvec *names) {
    int r = library.sd_bus_message_enter_container(reply, 'a', "(ssssssouso)");
    while (r >= 0 && (r = library.sd_bus_message_enter_container(reply, 'r', "ssssssouso")) > 0) {
        const char *name;
        r = library.sd_bus_message_read_basic(reply, 's', &name);
        if (r > 0)
            strvec_add(names, name);
        if (r >= 0)
            r = library.sd_bus_message_skip(reply, "sssssouso");
        if (r >= 0)
            r = library.sd_bus_message_exit_container(reply);
    }
    return r;
}

int systemd_bus_list(struct systemd_bus *bus, const char *const *patterns, struct strvec *names, struct error **err) {
    static const char *const any_state[] = {NULL};
    _cleanup_message_ sd_bus_message *request = NULL, *reply = NULL;
    int r = library.sd_bus_message_new_method_call(bus->bus, &request, SERVICE, MANAGER_PATH, MANAGER,
                                                   "ListUnitsByPatterns");
    if (r >= 0)
        r = append_strings(request, any_state);
    if (r >= 0)
        r = append_strings(request, patterns);
    if (r < 0)
        return bad_message(r, "listing units", err);
    r = call(bus, request, "listing units", &reply, err);
    if (r < 0)
        return r;
    _cleanup_strvec_ struct strvec found = {0};
    r = read_names(reply, &found);
    if (r < 0)
        return bad_message(r, "listing units", err);
    strvec_sort_unique(&found);
    for (size_t i = 0; i < found.count; i++)
        strvec_add(names, found.items[i]);
    return 0;
}

// --- values ---

static int read_value(sd_bus_message *message, struct arena *arena, unsigned depth, const struct doc **ret);

static int read_number(sd_bus_message *message, struct arena *arena, char type, const struct doc **ret) {
    union {
        uint8_t y;
        int16_t n;
        uint16_t q;
        int32_t i;
        uint32_t u;
        int64_t x;
        uint64_t t;
        double d;
        int b;
    } value = {0};
    int r = library.sd_bus_message_read_basic(message, type, &value);
    if (r <= 0)
        return r;
    switch (type) {
    case 'b':
        *ret = doc_new_bool(arena, value.b);
        break;
    case 'x':
        *ret = doc_new_int(arena, value.x);
        break;
    case 't':
        *ret = doc_new_uint(arena, value.t);
        break;
    case 'd':
        *ret = doc_new_float(arena, value.d);
        break;
    case 'y':
        *ret = doc_new_stringf(arena, "%u", value.y);
        break;
    case 'n':
        *ret = doc_new_stringf(arena, "%d", value.n);
        break;
    case 'q':
        *ret = doc_new_stringf(arena, "%u", value.q);
        break;
    case 'i':
    case 'h':
        *ret = doc_new_stringf(arena, "%" PRId32, value.i);
        break;
    default:
        *ret = doc_new_stringf(arena, "%" PRIu32, value.u);
        break;
    }
    return 1;
}

static int read_string(sd_bus_message *message, struct arena *arena, char type, const struct doc **ret) {
    const char *text = NULL;
    int r = library.sd_bus_message_read_basic(message, type, &text);
    if (r > 0)
        *ret = doc_new_string(arena, text);
    return r;
}

static int read_members(sd_bus_message *message, struct arena *arena, unsigned depth, struct doc *list) {
    for (;;) {
        const struct doc *item;
        int r = read_value(message, arena, depth + 1, &item);
        if (r <= 0)
            return r;
        doc_list_add(arena, list, item);
    }
}

static int read_entries(sd_bus_message *message, struct arena *arena, unsigned depth, struct doc *map) {
    for (;;) {
        const struct doc *key, *value;
        char type;
        const char *contents;
        int r = library.sd_bus_message_peek_type(message, &type, &contents);
        if (r > 0)
            r = library.sd_bus_message_enter_container(message, type, contents);
        if (r <= 0)
            return r;
        if ((r = read_value(message, arena, depth + 1, &key)) > 0 &&
            (r = read_value(message, arena, depth + 1, &value)) > 0 && doc_is_scalar(key))
            doc_map_set(arena, map, doc_text(key), value);
        if (r < 0 || (r = library.sd_bus_message_exit_container(message)) < 0)
            return r;
    }
}

static int read_container(sd_bus_message *message, struct arena *arena, char type, const char *contents, unsigned depth,
                          const struct doc **ret) {
    bool is_dictionary = type == 'a' && contents[0] == '{';
    int r = library.sd_bus_message_enter_container(message, type, contents);
    if (r <= 0)
        return r;
    if (type == 'v') {
        r = read_value(message, arena, depth + 1, ret);
    } else if (is_dictionary) {
        struct doc *map = doc_new_map(arena);
        r = read_entries(message, arena, depth, map);
        *ret = map;
    } else {
        struct doc *list = doc_new_list(arena);
        r = read_members(message, arena, depth, list);
        *ret = list;
    }
    if (r < 0)
        return r;
    r = library.sd_bus_message_exit_container(message);
    return r < 0 ? r : 1;
}

// 1 and the next value, 0 at the end of its container.
static int read_value(sd_bus_message *message, struct arena *arena, unsigned depth, const struct doc **ret) {
    char type;
    const char *contents;
    if (depth > DEPTH_LIMIT)
        return -ELOOP;
    int r = library.sd_bus_message_peek_type(message, &type, &contents);
    if (r <= 0)
        return r;
    switch (type) {
    case 's':
    case 'o':
    case 'g':
        return read_string(message, arena, type, ret);
    case 'a':
    case 'r':
    case 'v':
        return read_container(message, arena, type, contents, depth, ret);
    case 'e':
        return -EBADMSG;
    default:
        return read_number(message, arena, type, ret);
    }
}

// The object path of a unit: everything but letters and digits as _xx, and a digit at the start, too.
static char *unit_path(const char *unit) {
    struct text path = {0};
    text_add(&path, UNIT_PREFIX);
    for (const char *p = unit; *p; p++) {
        if (isalpha((unsigned char)*p) || (isdigit((unsigned char)*p) && p > unit))
            text_add_char(&path, *p);
        else
            text_addf(&path, "_%02x", (unsigned char)*p);
    }
    return text_take(&path);
}

int systemd_bus_properties(struct systemd_bus *bus, struct arena *arena, const char *unit, const struct doc **ret,
                           struct error **err) {
    _cleanup_message_ sd_bus_message *request = NULL, *reply = NULL;
    _cleanup_free_ char *path = unit_path(unit);
    int r = library.sd_bus_message_new_method_call(bus->bus, &request, SERVICE, path, PROPERTIES, "GetAll");
    if (r >= 0)
        r = library.sd_bus_message_append_basic(request, 's', ""); // of every interface
    if (r < 0)
        return bad_message(r, unit, err);
    r = call(bus, request, unit, &reply, err);
    if (r < 0)
        return r;
    const struct doc *properties = NULL;
    r = read_value(reply, arena, 0, &properties);
    if (r <= 0 || !doc_is(properties, DOC_MAP))
        return bad_message(r, unit, err);
    *ret = properties;
    return 0;
}
