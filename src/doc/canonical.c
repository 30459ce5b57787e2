// SPDX-License-Identifier: Apache-2.0
#include "doc/canonical.h"

#include "base/alloc.h"
#include "doc/emit.h"
#include "doc/number.h"

#include <math.h>
#include <stdlib.h>

// RFC 8785: members sorted by the UTF-16 form of their keys, numbers as ECMAScript writes a double, no white space.

// UTF-8 sorts as UTF-16 does but for characters beyond U+FFFF, whose surrogates come before U+E000.
static unsigned char rank(char c) {
    unsigned char byte = (unsigned char)c;
    return byte >= 0xF0 ? (unsigned char)(byte - 2) : byte >= 0xEE ? (unsigned char)(byte + 8) : byte;
}

static int compare_keys(const void *a, const void *b) {
    const struct doc_member *x = *(const struct doc_member *const *)a, *y = *(const struct doc_member *const *)b;
    size_t shorter = MIN(x->key_length, y->key_length);
    for (size_t i = 0; i < shorter; i++)
        if (x->key[i] != y->key[i])
            return rank(x->key[i]) - rank(y->key[i]);
    return (x->key_length > y->key_length) - (x->key_length < y->key_length);
}

// ECMA-262, Number::toString, for radix 10.
static void add_number(double value, struct text *out) {
    if (value == 0) {
        text_add_char(out, '0');
        return;
    }
    char digits[18];
    int n;
    number_shortest(value, digits, &n);
    int k = (int)strlen(digits);
    if (value < 0)
        text_add_char(out, '-');
    if (n > 0 && n <= 21 && k <= n) {
        text_add(out, digits);
        text_add_repeat(out, '0', (size_t)(n - k));
    } else if (n > 0 && n <= 21) {
        text_addf(out, "%.*s.%s", n, digits, digits + n);
    } else if (n > -6 && n <= 0) {
        text_add(out, "0.");
        text_add_repeat(out, '0', (size_t)-n);
        text_add(out, digits);
    } else {
        text_addf(out, "%c%s%se%+d", digits[0], k > 1 ? "." : "", digits + 1, n - 1);
    }
}

static int add_string(const struct doc_origin origin, const char *bytes, size_t length, struct text *out,
                      struct error **err) {
    if (!utf8_is_valid(bytes, length, NULL))
        return doc_error(err, ERROR_INVALID, origin, "text that is not UTF-8 has no canonical form");
    doc_emit_json_string(bytes, length, out);
    return 0;
}

static int add(const struct doc *doc, struct text *out, struct error **err);

static int add_map(const struct doc *map, struct text *out, struct error **err) {
    _cleanup_free_ const struct doc_member **sorted = xcalloc(map->map.count + 1, sizeof *sorted);
    for (size_t i = 0; i < map->map.count; i++)
        sorted[i] = &map->map.members[i];
    qsort(sorted, map->map.count, sizeof *sorted, compare_keys);
    text_add_char(out, '{');
    for (size_t i = 0; i < map->map.count; i++) {
        if (i)
            text_add_char(out, ',');
        int r = add_string(sorted[i]->key_origin, sorted[i]->key, sorted[i]->key_length, out, err);
        text_add_char(out, ':');
        if (r == 0)
            r = add(sorted[i]->value, out, err);
        if (r < 0)
            return r;
    }
    text_add_char(out, '}');
    return 0;
}

static int add_list(const struct doc *list, struct text *out, struct error **err) {
    text_add_char(out, '[');
    for (size_t i = 0; i < list->list.count; i++) {
        if (i)
            text_add_char(out, ',');
        int r = add(list->list.items[i], out, err);
        if (r < 0)
            return r;
    }
    text_add_char(out, ']');
    return 0;
}

static int add(const struct doc *doc, struct text *out, struct error **err) {
    switch (doc->kind) {
    case DOC_MAP:
        return add_map(doc, out, err);
    case DOC_LIST:
        return add_list(doc, out, err);
    case DOC_STRING:
        return add_string(doc->origin, doc->text, doc->length, out, err);
    case DOC_INT:
    case DOC_FLOAT: {
        double value = number_to_double(doc);
        if (!isfinite(value))
            return doc_error(err, ERROR_INVALID, doc->origin, "the number %s has no canonical form", doc->text);
        add_number(value, out);
        return 0;
    }
    case DOC_BOOL:
        text_add(out, doc->boolean ? "true" : "false");
        return 0;
    case DOC_NULL:
        text_add(out, "null");
    }
    return 0;
}

int doc_canonical(const struct doc *doc, struct text *out, struct error **err) {
    size_t before = out->length;
    int r = add(doc, out, err);
    if (r < 0)
        text_truncate(out, before);
    return r;
}

int doc_canonical_sha256(const struct doc *doc, char hex[SHA256_HEX_SIZE], struct error **err) {
    _cleanup_text_ struct text canonical = {0};
    int r = doc_canonical(doc, &canonical, err);
    if (r < 0)
        return r;
    sha256_hex(canonical.bytes, canonical.length, hex);
    return 0;
}
