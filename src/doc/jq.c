// SPDX-License-Identifier: Apache-2.0
#include "doc/jq.h"

#include "base/library.h"
#include "base/text.h"
#include "doc/emit.h"
#include "doc/load.h"

#include <jq.h>
#include <jv.h>
#include <pthread.h>

// A program that never ends its output must end somewhere.
#define OUTPUT_LIMIT 1000000

// Every function of libjq that we use; the table below is filled by name when the first program runs.
// clang-format off: it never comes to rest on a list of calls without semicolons.
#define JQ_FUNCTIONS(X)       \
    X(jq_init)                \
    X(jq_set_error_cb)        \
    X(jq_set_input_cb)        \
    X(jq_set_debug_cb)        \
    X(jv_invalid)             \
    X(jq_set_attr)            \
    X(jv_string)              \
    X(jv_array)               \
    X(jq_compile)             \
    X(jq_start)               \
    X(jq_next)                \
    X(jq_teardown)            \
    X(jq_halted)              \
    X(jq_get_error_message)   \
    X(jq_get_exit_code)       \
    X(jv_parse_sized)         \
    X(jv_dump_string)         \
    X(jv_string_value)        \
    X(jv_string_length_bytes) \
    X(jv_copy)                \
    X(jv_free)                \
    X(jv_get_kind)            \
    X(jv_invalid_has_msg)     \
    X(jv_invalid_get_msg)     \
    X(jv_number_value)
// clang-format on

static struct { JQ_FUNCTIONS(LIBRARY_MEMBER) } lib;

static bool is_loaded;
static char reason[256];

static void load_library(void) {
    static const char *const names[] = {"libjq.so.1", NULL};
    static const char *const functions[] = {JQ_FUNCTIONS(LIBRARY_NAME)};
    is_loaded = library_load(names, functions, ARRAY_SIZE(functions), (void **)&lib, reason, sizeof reason);
}

static int require_library(struct error **err) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load_library);
    if (is_loaded)
        return 0;
    error_set(err, ERROR_UNAVAILABLE, "jq expressions need libjq, which cannot be loaded: %s", reason);
    return error_hint(err, "install it (Debian, Ubuntu: apt-get install libjq1)");
}

// Text of a jq value (consumed): strings as they are, all else as JSON.
static void add_message(jv value, struct text *out) {
    jv string = lib.jv_get_kind(value) == JV_KIND_STRING ? value : lib.jv_dump_string(value, 0);
    text_add_bytes(out, lib.jv_string_value(string), (size_t)lib.jv_string_length_bytes(lib.jv_copy(string)));
    lib.jv_free(string);
}

// jq reports a failing compilation line by line.
static void collect_error(void *context, jv message) {
    struct text *errors = context;
    _cleanup_text_ struct text line = {0};
    add_message(message, &line);
    const char *text = text_str(&line);
    text += str_has_prefix(text, "jq: error: ") ? strlen("jq: error: ") : 0;
    if (strstr(text, "compile error") && str_has_prefix(text, "jq: "))
        return;
    text_add(errors, errors->length ? "; " : "");
    for (; *text; text++)
        text_add_char(errors, *text == '\n' ? ' ' : *text);
    while (errors->length && errors->bytes[errors->length - 1] == ' ')
        text_truncate(errors, errors->length - 1);
}

static jv no_more_inputs(jq_state *jq _unused_, void *context _unused_) {
    return lib.jv_invalid();
}

// jq_init() of libjq 1.6 leaves these unset: "input" and "debug" would jump anywhere, and "import" would abort. There
// is one input, and there are no modules.
static void prepare(jq_state *jq, struct text *errors) {
    lib.jq_set_error_cb(jq, collect_error, errors);
    lib.jq_set_input_cb(jq, no_more_inputs, NULL);
    lib.jq_set_debug_cb(jq, NULL, NULL);
    lib.jq_set_attr(jq, lib.jv_string("JQ_LIBRARY_PATH"), lib.jv_array());
    lib.jq_set_attr(jq, lib.jv_string("JQ_ORIGIN"), lib.jv_string(""));
    lib.jq_set_attr(jq, lib.jv_string("PROGRAM_ORIGIN"), lib.jv_string(""));
}

static int add_output(struct arena *arena, struct doc *outputs, jv value, struct error **err) {
    const struct doc *doc;
    jv string = lib.jv_dump_string(value, 0);
    int r = doc_load_buffer(arena, lib.jv_string_value(string), (size_t)lib.jv_string_length_bytes(lib.jv_copy(string)),
                            "jq", DOC_FORMAT_JSON, NULL, &doc, err);
    lib.jv_free(string);
    if (r < 0)
        return r;
    if (outputs->list.count == OUTPUT_LIMIT)
        return error_set(err, ERROR_LIMIT, "jq: the program gives more than %d results", OUTPUT_LIMIT);
    doc_list_add(arena, outputs, doc);
    return 0;
}

// What ended the outputs (consumed): nothing more to give, an error that nobody caught, or halt.
static int check_end(jq_state *jq, jv last, struct error **err) {
    _cleanup_text_ struct text message = {0};
    if (lib.jv_invalid_has_msg(lib.jv_copy(last))) {
        add_message(lib.jv_invalid_get_msg(last), &message);
        return error_set(err, ERROR_INVALID, "jq: %s", text_str(&message));
    }
    lib.jv_free(last);
    if (!lib.jq_halted(jq))
        return 0;
    jv code = lib.jq_get_exit_code(jq);
    bool has_failed = lib.jv_get_kind(code) == JV_KIND_NUMBER && lib.jv_number_value(code) != 0;
    lib.jv_free(code);
    if (!has_failed)
        return 0;
    add_message(lib.jq_get_error_message(jq), &message);
    return error_set(err, ERROR_INVALID, "jq: the program halted: %s", text_str(&message));
}

static int run(struct arena *arena, jq_state *jq, const struct doc *input, struct doc *outputs, struct error **err) {
    _cleanup_text_ struct text json = {0};
    doc_emit(input, EMIT_JSON_COMPACT, &json);
    jv value = lib.jv_parse_sized(json.bytes, (int)json.length);
    if (lib.jv_get_kind(value) == JV_KIND_INVALID)
        return check_end(jq, value, err);
    lib.jq_start(jq, value, 0);
    for (;;) {
        jv output = lib.jq_next(jq);
        if (lib.jv_get_kind(output) == JV_KIND_INVALID)
            return check_end(jq, output, err);
        int r = add_output(arena, outputs, output, err);
        if (r < 0)
            return r;
    }
}

int doc_jq(struct arena *arena, const struct doc *input, const char *program, const struct doc **ret,
           struct error **err) {
    int r = require_library(err);
    if (r < 0)
        return r;
    jq_state *jq = lib.jq_init();
    if (!jq)
        return error_set(err, ERROR_INTERNAL, "jq: cannot be started");
    _cleanup_text_ struct text errors = {0};
    struct doc *outputs = doc_new_list(arena);
    prepare(jq, &errors);
    if (lib.jq_compile(jq, program))
        r = run(arena, jq, input, outputs, err);
    else
        r = error_set(err, ERROR_INVALID, "jq: '%s' is no valid program: %s", program, text_str(&errors));
    lib.jq_teardown(&jq);
    if (r < 0)
        return r;
    *ret = outputs;
    return 0;
}
