// SPDX-License-Identifier: Apache-2.0
#pragma once

// Logging to standard error, for people (text) or machines (one JSON object a line). Only programs and use cases log;
// engines return errors. Colour appears only on a terminal and never with NO_COLOR. A secret is never a log argument.

#include "base/macro.h"

#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

// Default: LOG_LEVEL_INFO, LOG_FORMAT_TEXT. `program` is borrowed.
void log_init(const char *program, enum log_level level, enum log_format format);
bool log_is_enabled(enum log_level level);
void log_message(enum log_level level, const char *format, ...) _printf_(2, 3);

#define log_error(...) log_message(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_message(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_message(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)                                 \
    do {                                               \
        if (log_is_enabled(LOG_LEVEL_DEBUG))           \
            log_message(LOG_LEVEL_DEBUG, __VA_ARGS__); \
    } while (0)

struct error;
// The one way in which a program prints an error: message, then the hint on its own line.
void log_failure(const struct error *err);

// True when the stream is a terminal and NO_COLOR is unset (and TERM is not "dumb").
bool terminal_has_color(int fd);
