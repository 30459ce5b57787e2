// SPDX-License-Identifier: Apache-2.0
#include "base/alloc.h"
#include "base/text.h"
#include "doc/number.h"
#include "doc/reader.h"

#include <stdio.h>

// RFC 8259, strictly. The reader walks over a window of the input; a string without escapes and a number are handed out
// where they lie, terminated in place, so nothing is copied. A token that does not fit makes the window larger.

enum { END_OF_INPUT = 256 };

enum expectation { EXPECT_VALUE, EXPECT_FIRST_ITEM, EXPECT_FIRST_KEY, EXPECT_KEY, EXPECT_AFTER_VALUE };

struct json_reader {
    struct read_request *request;
    const struct doc_sink *sink;
    bool is_probe; // the window is all there is, and must not be changed
    char *buffer;
    size_t position, end;
    size_t keep;     // start of the token being scanned; == position between tokens
    size_t consumed; // bytes of input before buffer[0]
    size_t line;
    size_t line_start; // in bytes of input
    size_t wide;       // continuation bytes of UTF-8 since line_start
    unsigned depth;
    unsigned char *is_map; // one per level
};

static size_t column_at(const struct json_reader *reader, size_t position) {
    return reader->consumed + position - reader->line_start - reader->wide + 1;
}

#define JSON_ERROR(reader, position, err, ...) \
    read_error((reader)->request, err, ERROR_INVALID, (reader)->line, column_at(reader, position), __VA_ARGS__)

// Gets more bytes behind `end`, keeping everything from `keep` on. 1: there are more; 0: end of input.
static int refill(struct json_reader *reader, struct error **err) {
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
        int r = refill(reader, err);
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

static int send(struct json_reader *reader, const struct doc_event *event, struct error **err) {
    return reader->sink ? reader->sink->event(reader->sink->context, event, err) : 0;
}

static struct doc_origin origin_at(const struct json_reader *reader, size_t position) {
    return (struct doc_origin){reader->request->name, (uint32_t)reader->line, (uint32_t)column_at(reader, position)};
}

// --- strings ---

// True where any of eight bytes is a quote, a backslash, a control character or not ASCII.
static inline bool has_special(uint64_t word) {
    const uint64_t ones = UINT64_C(0x0101010101010101), highs = UINT64_C(0x8080808080808080);
    uint64_t quote = word ^ ones * '"', backslash = word ^ ones * '\\';
    uint64_t found = (word - ones * 0x20) | (quote - ones) | (backslash - ones) | word;
    return found & highs;
}

struct scanned {
    bool has_escape;
    bool has_wide;
};

// From behind the opening quote to the closing one, where position is left.
static int scan_string(struct json_reader *reader, struct scanned *ret, struct error **err) {
    for (;;) {
        const char *p = reader->buffer + reader->position, *end = reader->buffer + reader->end;
        while (p < end) {
            uint64_t word;
            if (end - p >= 8 && (memcpy(&word, p, 8), !has_special(word))) {
                p += 8;
                continue;
            }
            unsigned char c = (unsigned char)*p;
            if (c == '"' || c < 0x20)
                break;
            ret->has_wide = ret->has_wide || c >= 0x80;
            if (c == '\\') {
                ret->has_escape = true;
                if (p + 1 == end)
                    break;
                p++;
                if ((unsigned char)*p < 0x20)
                    break;
            }
            p++;
        }
        reader->position = (size_t)(p - reader->buffer);
        if (p < end && *p == '"')
            return 0;
        if (p < end && (unsigned char)*p < 0x20)
            return *p ? JSON_ERROR(reader, reader->position, err,
                                   "a control character (0x%02x) must be written as an escape in a string",
                                   (unsigned char)*p)
                      : JSON_ERROR(reader, reader->position, err, "a NUL byte is not allowed");
        int r = refill(reader, err);
        if (r < 0)
            return r;
        if (r == 0)
            return JSON_ERROR(reader, reader->keep, err, "this string is not closed");
    }
}

static int hex_value(const char *p, const char *end, uint32_t *ret) {
    if (end - p < 4)
        return -1;
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        char c = p[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return -1;
        value = value << 4 | (uint32_t)digit;
    }
    *ret = value;
    return 0;
}

static size_t put_code_point(char *out, uint32_t c) {
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

// One escape at *p (behind the backslash) to `out`; returns the bytes written, 0 with a reason when it is wrong.
static size_t decode_escape(const char **p, const char *end, char *out, const char **why) {
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    char c = *(*p)++;
    const char *name = c ? strchr(names, c) : NULL;
    if (name) {
        *out = values[name - names];
        return 1;
    }
    uint32_t high, low;
    *why = "unknown escape in a string";
    if (c != 'u')
        return 0;
    *why = "\\u needs four hexadecimal digits";
    if (hex_value(*p, end, &high) < 0)
        return 0;
    *p += 4;
    if (high < 0xD800 || high > 0xDFFF)
        return put_code_point(out, high);
    *why = "half of a surrogate pair has no Unicode character";
    if (high > 0xDBFF || end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u' || hex_value(*p + 2, end, &low) < 0 ||
        low < 0xDC00 || low > 0xDFFF)
        return 0;
    *p += 6;
    return put_code_point(out, 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
}

// In place (a decoded escape is shorter than its source); out == in. Returns the new length or a negative code.
static ssize_t decode_string(struct json_reader *reader, const char *in, size_t length, char *out, struct error **err) {
    const char *p = in, *end = in + length;
    char *start = out;
    while (p < end) {
        const char *escape = memchr(p, '\\', (size_t)(end - p));
        size_t part = (size_t)((escape ? escape : end) - p);
        memmove(out, p, part);
        out += part;
        if (!escape)
            break;
        p = escape + 1;
        const char *why;
        size_t written = decode_escape(&p, end, out, &why);
        if (!written)
            return JSON_ERROR(reader, reader->keep + 1 + (size_t)(escape - in), err, "%s", why);
        out += written;
    }
    return out - start;
}

static int check_utf8(struct json_reader *reader, const char *text, size_t length, struct error **err) {
    size_t offset;
    if (!utf8_is_valid(text, length, &offset))
        return JSON_ERROR(reader, reader->keep + 1 + offset, err, "invalid UTF-8 (byte 0x%02x at offset %zu)",
                          (unsigned char)text[offset], reader->consumed + reader->keep + 1 + offset);
    for (size_t i = 0; i < length; i++)
        reader->wide += ((unsigned char)text[i] & 0xC0) == 0x80;
    return 0;
}

static int read_string(struct json_reader *reader, enum doc_event_kind kind, struct error **err) {
    struct doc_event event = {.kind = kind, .scalar = DOC_STRING, .origin = origin_at(reader, reader->position)};
    struct scanned scanned = {0};
    reader->keep = reader->position++;
    int r = scan_string(reader, &scanned, err);
    if (r < 0)
        return r;
    char *text = reader->buffer + reader->keep + 1;
    size_t length = reader->position - reader->keep - 1;
    if (scanned.has_wide && (r = check_utf8(reader, text, length, err)) < 0)
        return r;
    _cleanup_free_ char *scratch = NULL;
    if (scanned.has_escape) {
        char *out = reader->is_probe ? (scratch = xmalloc(length + 1)) : text;
        ssize_t decoded = decode_string(reader, text, length, out, err);
        if (decoded < 0)
            return (int)decoded;
        text = out;
        length = (size_t)decoded;
    }
    reader->keep = ++reader->position;
    if (!reader->sink)
        return 0;
    text[length] = '\0'; // at the latest where the closing quote was
    event.text = text;
    event.length = length;
    return send(reader, &event, err);
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
        int r = refill(reader, err);
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
        .kind = DOC_EVENT_SCALAR, .is_plain = true, .origin = origin_at(reader, reader->position)};
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
    r = send(reader, &event, err);
    text[event.length] = next;
    return r;
}

// --- structure ---

static int open_level(struct json_reader *reader, bool is_map, struct error **err) {
    if (reader->depth == reader->request->depth_limit)
        return read_error(reader->request, err, ERROR_LIMIT, reader->line, column_at(reader, reader->position),
                          "nested more than %u levels deep", reader->request->depth_limit);
    struct doc_event event = {.kind = is_map ? DOC_EVENT_MAP_START : DOC_EVENT_LIST_START,
                              .origin = origin_at(reader, reader->position)};
    reader->is_map[reader->depth++] = is_map;
    reader->keep = ++reader->position;
    return send(reader, &event, err);
}

static int close_level(struct json_reader *reader, struct error **err) {
    struct doc_event event = {.kind = reader->is_map[--reader->depth] ? DOC_EVENT_MAP_END : DOC_EVENT_LIST_END,
                              .origin = origin_at(reader, reader->position)};
    reader->keep = ++reader->position;
    return send(reader, &event, err);
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
        return read_string(reader, DOC_EVENT_SCALAR, err);
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
    int r = read_string(reader, DOC_EVENT_KEY, err);
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
