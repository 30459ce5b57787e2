// SPDX-License-Identifier: Apache-2.0
#include "base/alloc.h"
#include "base/text.h"
#include "doc/json_reader.h"

#include <string.h>

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
        int r = json_refill(reader, err);
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
        return utf8_encode(high, out);
    *why = "half of a surrogate pair has no Unicode character";
    if (high > 0xDBFF || end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u' || hex_value(*p + 2, end, &low) < 0 ||
        low < 0xDC00 || low > 0xDFFF)
        return 0;
    *p += 6;
    return utf8_encode(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00), out);
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

int json_read_string(struct json_reader *reader, enum doc_event_kind kind, struct error **err) {
    struct doc_event event = {.kind = kind, .scalar = DOC_STRING, .origin = json_origin(reader, reader->position)};
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
    return json_send(reader, &event, err);
}
