// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define LONGEST_MESSAGE ((size_t)4000)

static struct {
    const char *program;
    enum log_level level;
    enum log_format format;
} logger = {.program = "cnsctl", .level = LOG_LEVEL_INFO, .format = LOG_FORMAT_TEXT};

static const char *const level_names[] = {[LOG_LEVEL_ERROR] = "error",
                                          [LOG_LEVEL_WARNING] = "warning",
                                          [LOG_LEVEL_INFO] = "info",
                                          [LOG_LEVEL_DEBUG] = "debug"};
static const char *const level_colors[] = {[LOG_LEVEL_ERROR] = "\033[31m",
                                           [LOG_LEVEL_WARNING] = "\033[33m",
                                           [LOG_LEVEL_INFO] = "",
                                           [LOG_LEVEL_DEBUG] = "\033[2m"};

void log_init(const char *program, enum log_level level, enum log_format format) {
    logger.program = program;
    logger.level = level;
    logger.format = format;
}

bool log_is_enabled(enum log_level level) {
    return level <= logger.level;
}

bool terminal_has_color(int fd) {
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    return isatty(fd) && str_is_empty(no_color) && !str_eq(term, "dumb");
}

static void add_json_characters(struct text *line, const char *string, size_t length) {
    for (const unsigned char *p = (const unsigned char *)string, *end = p + length; p < end; p++) {
        if (*p == '"' || *p == '\\')
            text_addf(line, "\\%c", *p);
        else if (*p == '\n')
            text_add(line, "\\n");
        else if (*p < 0x20)
            text_addf(line, "\\u%04x", *p);
        else
            text_add_char(line, (char)*p);
    }
}

// Bytes that are no UTF-8 (file names may hold any) are replaced, so that the line stays JSON.
static void add_json_string(struct text *line, const char *string) {
    text_add_char(line, '"');
    size_t length = strlen(string), good = length;
    while (!utf8_is_valid(string, length, &good)) {
        add_json_characters(line, string, good);
        text_add_code_point(line, 0xFFFD);
        string += good + 1;
        length -= good + 1;
        good = length;
    }
    add_json_characters(line, string, length);
    text_add_char(line, '"');
}

static void add_json_line(struct text *line, enum log_level level, const char *message, const char *hint,
                          const char *code) {
    char timestamp[CLOCK_TIMESTAMP_SIZE];
    text_addf(line,
              "{\"time\":\"%s\",\"level\":\"%s\",\"program\":\"%s\",\"msg\":", clock_timestamp(clock_now(), timestamp),
              level_names[level], logger.program);
    add_json_string(line, message);
    if (code)
        text_addf(line, ",\"code\":\"%s\"", code);
    if (hint) {
        text_add(line, ",\"hint\":");
        add_json_string(line, hint);
    }
    text_add(line, "}\n");
}

// Text from outside may hold terminal control sequences: they are shown, not obeyed.
static void add_printable(struct text *line, const char *string) {
    for (const unsigned char *p = (const unsigned char *)string; *p; p++) {
        if ((*p < 0x20 && *p != '\n' && *p != '\t') || *p == 0x7f)
            text_addf(line, "\\x%02x", *p);
        else
            text_add_char(line, (char)*p);
    }
}

static void add_text_line(struct text *line, enum log_level level, const char *message, const char *hint) {
    const char *color = terminal_has_color(STDERR_FILENO) ? level_colors[level] : "";
    const char *reset = *color ? "\033[0m" : "";
    if (level == LOG_LEVEL_INFO)
        text_addf(line, "%s: ", logger.program);
    else
        text_addf(line, "%s: %s%s:%s ", logger.program, color, level_names[level], reset);
    add_printable(line, message);
    text_add_char(line, '\n');
    if (hint) {
        text_add(line, "  hint: ");
        add_printable(line, hint);
        text_add_char(line, '\n');
    }
}

static bool is_continuation_byte(char c) {
    return ((unsigned char)c & 0xC0) == 0x80;
}

// What a message quotes from outside may be as long as a whole document: its two ends tell enough.
static char *clip(const char *message) {
    size_t length = strlen(message);
    if (length <= LONGEST_MESSAGE)
        return xstrdup(message);
    size_t head = LONGEST_MESSAGE * 3 / 4, tail = length - LONGEST_MESSAGE / 8;
    while (is_continuation_byte(message[head]))
        head--;
    while (is_continuation_byte(message[tail]))
        tail++;
    return xasprintf("%.*s ... (%zu bytes) ... %s", (int)head, message, tail - head, message + tail);
}

static void write_line(enum log_level level, const char *whole_message, const char *hint, const char *code) {
    _cleanup_text_ struct text line = {0};
    _cleanup_free_ char *message = clip(whole_message);
    if (logger.format == LOG_FORMAT_JSON)
        add_json_line(&line, level, message, hint, code);
    else
        add_text_line(&line, level, message, hint);
    // One write, so that lines of several processes do not mix. A closed standard error is nobody's failure.
    ssize_t ignored _unused_ = write(STDERR_FILENO, line.bytes, line.length);
}

void log_message(enum log_level level, const char *format, ...) {
    if (!log_is_enabled(level))
        return;
    va_list arguments;
    va_start(arguments, format);
    _cleanup_free_ char *message = xvasprintf(format, arguments);
    va_end(arguments);
    write_line(level, message, NULL, NULL);
}

void log_failure(const struct error *err) {
    write_line(LOG_LEVEL_ERROR, err->message, err->hint, error_code_name(err->code));
}
