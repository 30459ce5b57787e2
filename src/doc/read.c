// SPDX-License-Identifier: Apache-2.0
#include "base/alloc.h"
#include "doc/reader.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

ssize_t read_more(struct read_request *request, char *buffer, size_t size, struct error **err) {
    if (request->is_at_end || size == 0)
        return 0;
    ssize_t got = request->input->read(request->input->context, buffer, size, err);
    if (got < 0)
        return got;
    if (got == 0)
        request->is_at_end = true;
    request->total += (size_t)got;
    if (request->total > request->size_limit) {
        const char *unit = request->size_limit >= 1024 * 1024 ? "MiB" : "bytes";
        size_t amount = request->size_limit >= 1024 * 1024 ? request->size_limit / 1024 / 1024 : request->size_limit;
        return error_set(err, ERROR_LIMIT, "%s: is larger than the limit of %zu %s", request->name, amount, unit);
    }
    return got;
}

int read_error(const struct read_request *request, struct error **err, enum error_code code, size_t line, size_t column,
               const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    _cleanup_free_ char *message = xvasprintf(format, arguments);
    va_end(arguments);
    struct doc_origin origin = {request->name, (uint32_t)line, (uint32_t)column};
    return doc_error(err, code, origin, "%s", message);
}

static int fill_window(struct read_request *request, struct error **err) {
    request->capacity = READ_WINDOW_SIZE;
    request->window = xmalloc(request->capacity + 1);
    while (request->end < request->capacity && !request->is_at_end) {
        ssize_t got = read_more(request, request->window + request->end, request->capacity - request->end, err);
        if (got < 0)
            return (int)got;
        request->end += (size_t)got;
    }
    return 0;
}

// A byte order mark of UTF-8 is skipped; UTF-16 and UTF-32 are recognised by theirs, or by the zero bytes that ASCII
// has in them.
static int check_encoding(struct read_request *request, struct error **err) {
    const unsigned char *p = (const unsigned char *)request->window;
    size_t length = request->end;
    if (length >= 3 && p[0] == 0xEF && p[1] == 0xBB && p[2] == 0xBF) {
        request->start = 3;
        return 0;
    }
    bool has_mark = length >= 2 && ((p[0] == 0xFF && p[1] == 0xFE) || (p[0] == 0xFE && p[1] == 0xFF));
    bool has_zero = length >= 4 && ((p[0] && !p[1] && (p[2] || length >= 8) && !p[3]) ||
                                    (!p[0] && p[1] && !p[2] && p[3]) || (!p[0] && !p[1] && !p[2] && p[3]));
    if (!has_mark && !has_zero)
        return 0;
    error_set(err, ERROR_INVALID, "%s: looks like UTF-16 or UTF-32 text; documents must be UTF-8", request->name);
    return error_hint(err, "convert it first: iconv -f UTF-16 -t UTF-8 FILE");
}

static bool is_blank(const struct read_request *request) {
    for (size_t i = request->start; i < request->end; i++)
        if (!strchr(" \t\r\n", request->window[i]) || request->window[i] == '\0')
            return false;
    return true;
}

static bool may_be_json(const struct read_request *request) {
    size_t i = request->start;
    while (i < request->end && strchr(" \t\r\n", request->window[i]) && request->window[i])
        i++;
    return i < request->end && strchr("{[\"", request->window[i]) && request->window[i];
}

// What is neither gets the message of the format that it is likely to be, unless the sink is who refused it.
static int read_yaml_or_explain(struct read_request *request, struct json_fault *fault, struct error **err) {
    int r = yaml_read(request, err);
    if (r != -ERROR_INVALID || request->has_sink_failed || !fault->why || !fault->is_likely_json)
        return r;
    error_free(*err);
    *err = TAKE_PTR(fault->why);
    return -(int)(*err)->code;
}

static int read_detected(struct read_request *request, struct error **err) {
    if (!may_be_json(request))
        return yaml_read(request, err);
    // Where several documents may follow, JSON is only what is JSON to its end.
    if (request->document && !request->is_at_end)
        return yaml_read(request, err);
    struct json_fault fault = {0};
    int r = json_probe(request, &fault) ? json_read(request, err) : read_yaml_or_explain(request, &fault, err);
    error_free(fault.why);
    return r;
}

static int read_request_run(struct read_request *request, enum doc_format format, struct error **err) {
    int r = fill_window(request, err);
    if (r == 0)
        r = check_encoding(request, err);
    if (r == 0 && request->is_at_end && !request->document && is_blank(request))
        r = error_set(err, ERROR_INVALID, "%s: is empty; a document was expected", request->name);
    if (r == 0)
        r = format == DOC_FORMAT_JSON   ? json_read(request, err)
            : format == DOC_FORMAT_YAML ? yaml_read(request, err)
                                        : read_detected(request, err);
    free(request->window);
    request->window = NULL;
    return r;
}

static struct read_request make_request(const struct doc_input *input, const struct doc_limits *limits,
                                        const struct doc_sink *sink) {
    return (struct read_request){
        .input = input,
        .name = input->name ? input->name : "input",
        .size_limit = limits && limits->size ? limits->size : DOC_DEFAULT_SIZE_LIMIT,
        .depth_limit = limits && limits->depth ? limits->depth : DOC_DEFAULT_DEPTH_LIMIT,
        .alias_limit = limits && limits->alias_events ? limits->alias_events : DOC_DEFAULT_ALIAS_LIMIT,
        .sink = sink,
    };
}

int doc_read_events(const struct doc_input *input, enum doc_format format, const struct doc_limits *limits,
                    const struct doc_sink *sink, struct error **err) {
    struct read_request request = make_request(input, limits, sink);
    return read_request_run(&request, format, err);
}

struct memory {
    const char *bytes;
    size_t left;
};

static ssize_t read_memory(void *context, char *buffer, size_t size, struct error **err _unused_) {
    struct memory *memory = context;
    size_t part = MIN(size, memory->left);
    if (part)
        memcpy(buffer, memory->bytes, part);
    memory->bytes += part;
    memory->left -= part;
    return (ssize_t)part;
}

int doc_read_events_buffer(const char *bytes, size_t length, const char *name, enum doc_format format,
                           const struct doc_limits *limits, const struct doc_sink *sink, struct error **err) {
    struct memory memory = {bytes, length};
    struct doc_input input = {.read = read_memory, .context = &memory, .name = name};
    return doc_read_events(&input, format, limits, sink, err);
}

int doc_read_all_events(const struct doc_documents *documents, const char *bytes, size_t length, const char *name,
                        const struct doc_limits *limits, struct error **err) {
    struct memory memory = {bytes, length};
    struct doc_input input = {.read = read_memory, .context = &memory, .name = name};
    struct read_request request = make_request(&input, limits, documents->sink);
    request.document = documents->end;
    request.document_context = documents->context;
    return read_request_run(&request, DOC_FORMAT_AUTO, err);
}
