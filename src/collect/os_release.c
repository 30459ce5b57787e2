// SPDX-License-Identifier: Apache-2.0
#include "collect/collectors.h"

#define RELEASE_LIMIT ((size_t)256 * 1024)

// Takes one pair of quotes and the escapes inside double ones (os-release(5)) away, in place.
static char *unquote(char *value) {
    size_t length = strlen(value);
    if (length < 2 || (*value != '"' && *value != '\'') || value[length - 1] != *value)
        return value;
    char quote = *value;
    value[length - 1] = '\0';
    char *out = value;
    for (const char *in = value + 1; *in; in++) {
        if (quote == '"' && *in == '\\' && in[1])
            in++;
        *out++ = *in;
    }
    *out = '\0';
    return value;
}

static void add_line(const struct readings *readings, char *line) {
    line = str_trim(line);
    char *sign = strchr(line, '=');
    if (*line == '#' || !sign || sign == line)
        return;
    *sign = '\0';
    const char *value = unquote(str_trim(sign + 1));
    if (*value)
        reading_string(readings, text_as_utf8(readings->collection->arena, line, strlen(line)), value);
}

static int collect(struct collection *collection, struct error **err) {
    static const char *const places[] = {"/etc/os-release", "/usr/lib/os-release"};
    _cleanup_text_ struct text content = {0};
    size_t i = 0;
    while (i < ARRAY_SIZE(places) && !machine_has(collection->machine, places[i]))
        i++;
    if (i == ARRAY_SIZE(places))
        return collection_absent(collection, "there is neither /etc/os-release nor /usr/lib/os-release");
    int r = machine_read(collection->machine, places[i], RELEASE_LIMIT, &content, err);
    if (r < 0)
        return r;
    struct readings readings = readings_of(collection, "release");
    char *rest = content.bytes, *line;
    while (rest && (line = strsep(&rest, "\n")))
        add_line(&readings, line);
    return 0;
}

const struct collector collector_os_release = {
    .type = "OS", .subtype = "release", .budget_ms = 5000, .collect = collect};
