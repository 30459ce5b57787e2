// SPDX-License-Identifier: Apache-2.0
#include "base/alloc.h"
#include "base/text.h"
#include "doc/json_reader.h"
#include "doc/number.h"

#include <stdio.h>

// RFC 8259, strictly. The reader walks over a window of the input; a string without escapes and a number are handed out
// where they lie, terminated in place, so nothing is copied. A token that does not fit makes the window larger.

enum { END_OF_INPUT = 256 };

enum expectation { EXPECT_VALUE, EXPECT_FIRST_ITEM, EXPECT_FIRST_KEY, EXPECT_KEY, EXPECT_AFTER_VALUE };

int json_refill(struct json_reader *reader, struct error **err) {
    struct read_request *request = reader->request;
    if (reader->is_probe)
        return 0;
    size_t kept = reader->end - reader->keep;
    if (reader->keep) {
        memmove(reader->buffer, reader->buffer + reader->keep, kept);
        reader->consumed += reader->keep;
        reader->position -= reader->keep;
        reader->end = kept;
        reader->keep = 0;
    }
    // One byte stays free for the terminator of a number at the very end.
    if (reader->end + 1 >= request->capacity) {
        request->capacity *= 2;
        request->window = reader->buffer = xrealloc(reader->buffer, request->capacity);
    }
    ssize_t got = read_more(request, reader->buffer + reader->end, request->capacity - reader->end - 1, err);
    if (got < 0)
        return (int)got;
    reader->end += (size_t)got;
    return got > 0;
}

// The next byte that is not white space, without consuming it; END_OF_INPUT; negative on failure.
static int skip_space(struct json_reader *reader, struct error **err) {
    for (;;) {
        const char *p = reader->buffer + reader->position, *end = reader->buffer + reader->end;
        for (; p < end; p++) {
            if (*p == ' ' || *p == '\t' || *p == '\r')
                continue;
            if (*p != '\n')
                break;
            reader->line++;
            reader->line_start = reader->consumed + (size_t)(p + 1 - reader->buffer);
            reader->wide = 0;
        }
        reader->position = reader->keep = (size_t)(p - reader->buffer);
        if (p < end)
            return (unsigned char)*p;
        int r = json_refill(reader, err);
        if (r < 0)
            return r;
        if (r == 0)
            return END_OF_INPUT;
    }
}

static const char *describe(int c, char buffer[16]) {
    if (c == END_OF_INPUT)
        return "the end of the input";
    if (c >= 0x21 && c < 0x7F)
        snprintf(buffer, 16, "'%c'", c);
    else
        snprintf(buffer, 16, "byte 0x%02x", (unsigned)c);
    return buffer;
}

static int unexpected(struct json_reader *reader, int c, const char *wanted, struct error **err) {
    char buffer[16];
    return JSON_ERROR(reader, reader->position, err, "expected %s, found %s", wanted, describe(c, buffer));
}

// --- numbers and words ---

static bool is_delimiter(int c) {
    return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == ':';
}

// Everything up to the next delimiter is one word, which the caller judges.
static int scan_word(struct json_reader *reader, struct error **err) {
    reader->keep = reader->position;
    for (;;) {
        while (reader->position < reader->end && !is_delimiter(reader->buffer[reader->position]))
            reader->position++;
        if (reader->position < reader->end)
            return 0;
        int r = json_refill(reader, err);
        if (r <= 0)
            return r;
    }
}

static bool classify_word(const char *text, size_t length, enum doc_kind *ret) {
    if ((text[0] >= '0' && text[0] <= '9') || text[0] == '-') {
        bool is_float = memchr(text, '.', length) || memchr(text, 'e', length) || memchr(text, 'E', length);
        *ret = is_float ? DOC_FLOAT : DOC_INT;
        return number_is_json(text, length);
    }
    *ret = str_eq_bytes(text, length, "null") ? DOC_NULL : DOC_BOOL;
    return *ret == DOC_NULL || str_eq_bytes(text, length, "true") || str_eq_bytes(text, length, "false");
}

static int wrong_word(struct json_reader *reader, const char *text, size_t length, struct error **err) {
    int shown = 0;
    while (shown < (int)MIN(length, (size_t)40) && text[shown] > 0x20 && text[shown] < 0x7F)
        shown++;
    if ((text[0] >= '0' && text[0] <= '9') || text[0] == '-')
        return JSON_ERROR(reader, reader->keep, err, "'%.*s' is not a JSON number", shown, text);
    if (shown > 0)
        return JSON_ERROR(reader, reader->keep, err, "expected a value, found '%.*s'", shown, text);
    return unexpected(reader, (unsigned char)text[0], "a value", err);
}

static int read_word(struct json_reader *reader, struct error **err) {
    struct doc_event event = {
        .kind = DOC_EVENT_SCALAR, .is_plain = true, .origin = json_origin(reader, reader->position)};
    int r = scan_word(reader, err);
    if (r < 0)
        return r;
    char *text = reader->buffer + reader->keep;
    event.length = reader->position - reader->keep;
    if (!classify_word(text, event.length, &event.scalar)) {
        // A probe cannot tell a word that the window cuts off.
        if (reader->is_probe && !reader->request->is_at_end && reader->position == reader->end)
            return 0;
        reader->position = reader->keep;
        return wrong_word(reader, text, event.length, err);
    }
    reader->keep = reader->position;
    if (!reader->sink)
        return 0;
    char next = text[event.length];
    text[event.length] = '\0';
    event.text = text;
    r = json_send(reader, &event, err);
    text[event.length] = next;
    return r;
}

// --- structure ---

static int open_level(struct json_reader *reader, bool is_map, struct error **err) {
    if (reader->depth == reader->request->depth_limit)
        return read_error(reader->request, err, ERROR_LIMIT, reader->line, json_column(reader, reader->position),
                          "nested more than %u levels deep", reader->request->depth_limit);
    struct doc_event event = {.kind = is_map ? DOC_EVENT_MAP_START : DOC_EVENT_LIST_START,
                              .origin = json_origin(reader, reader->position)};
    reader->is_map[reader->depth++] = is_map;
    reader->keep = ++reader->position;
    return json_send(reader, &event, err);
}

static int close_level(struct json_reader *reader, struct error **err) {
    struct doc_event event = {.kind = reader->is_map[--reader->depth] ? DOC_EVENT_MAP_END : DOC_EVENT_LIST_END,
                              .origin = json_origin(reader, reader->position)};
    reader->keep = ++reader->position;
    return json_send(reader, &event, err);
}

static int read_value(struct json_reader *reader, int c, enum expectation *expect, struct error **err) {
    *expect = EXPECT_AFTER_VALUE;
    switch (c) {
    case '{':
        *expect = EXPECT_FIRST_KEY;
        return open_level(reader, true, err);
    case '[':
        *expect = EXPECT_FIRST_ITEM;
        return open_level(reader, false, err);
    case '"':
        return json_read_string(reader, DOC_EVENT_SCALAR, err);
    case END_OF_INPUT:
    case ',':
    case '}':
    case ']':
    case ':':
        return unexpected(reader, c, "a value", err);
    default:
        return read_word(reader, err);
    }
}

static int read_key(struct json_reader *reader, int c, enum expectation *expect, struct error **err) {
    if (c != '"')
        return unexpected(reader, c, *expect == EXPECT_KEY ? "a key in double quotes" : "a key in double quotes or '}'",
                          err);
    int r = json_read_string(reader, DOC_EVENT_KEY, err);
    if (r < 0)
        return r;
    c = skip_space(reader, err);
    if (c < 0)
        return c;
    if (c != ':')
        return unexpected(reader, c, "':' after a key", err);
    reader->keep = ++reader->position;
    *expect = EXPECT_VALUE;
    return 0;
}

static int read_after_value(struct json_reader *reader, int c, enum expectation *expect, struct error **err) {
    bool is_map = reader->is_map[reader->depth - 1];
    if (c == (is_map ? '}' : ']'))
        return close_level(reader, err);
    if (c != ',')
        return unexpected(reader, c, is_map ? "',' or '}'" : "',' or ']'", err);
    reader->keep = ++reader->position;
    *expect = is_map ? EXPECT_KEY : EXPECT_VALUE;
    return 0;
}

static int read_document(struct json_reader *reader, struct error **err) {
    enum expectation expect = EXPECT_VALUE;
    for (;;) {
        int c = skip_space(reader, err), r;
        if (c < 0)
            return c;
        if (expect == EXPECT_AFTER_VALUE && reader->depth == 0)
            return c == END_OF_INPUT ? 0 : unexpected(reader, c, "nothing more after the document", err);
        if ((expect == EXPECT_FIRST_KEY && c == '}') || (expect == EXPECT_FIRST_ITEM && c == ']')) {
            expect = EXPECT_AFTER_VALUE;
            r = close_level(reader, err);
        } else if (expect == EXPECT_AFTER_VALUE) {
            r = read_after_value(reader, c, &expect, err);
        } else if (expect == EXPECT_FIRST_KEY || expect == EXPECT_KEY) {
            r = read_key(reader, c, &expect, err);
        } else {
            r = read_value(reader, c, &expect, err);
        }
        if (r < 0)
            return r;
    }
}

static struct json_reader make_reader(struct read_request *request) {
    return (struct json_reader){
        .request = request,
        .sink = request->sink,
        .buffer = request->window,
        .position = request->start,
        .keep = request->start,
        .end = request->end,
        .line = 1,
        .line_start = request->start,
        .is_map = xcalloc(request->depth_limit, 1),
    };
}

int json_read(struct read_request *request, struct error **err) {
    struct json_reader reader = make_reader(request);
    int r = read_document(&reader, err);
    free(reader.is_map);
    if (r == 0 && request->document)
        r = request->document(request->document_context, err);
    return r;
}

bool json_probe(const struct read_request *request, struct json_fault *fault) {
    struct read_request copy = *request;
    copy.sink = NULL;
    struct json_reader reader = make_reader(&copy);
    reader.is_probe = true;
    int r = read_document(&reader, &fault->why);
    free(reader.is_map);
    // Running out of window is no fault of the text.
    bool is_at_end = reader.position == reader.end, ran_out = !request->is_at_end && is_at_end;
    // A word, or an apostrophe, is where YAML would go on.
    fault->is_likely_json = is_at_end || strchr("\"{}[]:,0123456789", reader.buffer[reader.position]);
    return r == 0 || ran_out || r == -ERROR_LIMIT;
}
