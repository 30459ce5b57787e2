// SPDX-License-Identifier: Apache-2.0
#include "base/version.h"
#include "base/macro.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

// Shortest abbreviation of a commit that Git prints.
#define SHORTEST_COMMIT 7

static const char *const prerelease_words[] = {"alpha", "beta", "dev", "pre", "preview", "rc", "snapshot"};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Reads digits and moves *text behind them; false when there is none or the number does not fit.
static bool read_number(const char **text, const char *end, uint64_t *ret) {
    const char *at = *text;
    uint64_t value = 0;
    for (; at < end && is_digit(*at); at++)
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, *at - '0', &value))
            return false;
    if (at == *text)
        return false;
    *text = at;
    *ret = value;
    return true;
}

// The letters at the start of a text.
static size_t word_length(const char *text, const char *end) {
    const char *at = text;
    while (at < end && isalpha((unsigned char)*at))
        at++;
    return (size_t)(at - text);
}

static bool starts_prerelease(const char *suffix, size_t length) {
    size_t word = word_length(suffix, suffix + length);
    for (size_t i = 0; i < ARRAY_SIZE(prerelease_words); i++)
        if (strlen(prerelease_words[i]) == word && strncasecmp(suffix, prerelease_words[i], word) == 0)
            return true;
    return false;
}

bool version_parse(const char *text, struct version *ret) {
    struct version version = {.suffix = ""};
    while (isspace((unsigned char)*text))
        text++;
    if (*text == 'v' || *text == 'V')
        text++;
    const char *end = text + strcspn(text, " \t\r\n");
    for (;;) {
        if (version.count == VERSION_COMPONENTS || !read_number(&text, end, &version.component[version.count]))
            return false;
        version.count++;
        if (text == end || *text != '.')
            break;
        text++;
    }
    if (text < end) {
        if (!strchr("-+~", *text) || ++text == end)
            return false;
        version.suffix = text;
        version.suffix_length = (size_t)(end - text);
        version.is_prerelease = starts_prerelease(text, version.suffix_length);
    }
    *ret = version;
    return true;
}

// --- suffixes ---

static bool is_separator(char c) {
    return !isalnum((unsigned char)c);
}

// A part is what stands between separators.
static size_t part_length(const char *text, const char *end) {
    const char *at = text;
    while (at < end && !is_separator(*at))
        at++;
    return (size_t)(at - text);
}

// The first word of a suffix names its maker: eks, gke, k3s, aws, el. False when there is only numbers.
static bool find_vendor(const struct version *version, const char **ret_vendor, size_t *ret_length) {
    const char *end = version->suffix + version->suffix_length;
    for (const char *at = version->suffix; at < end; at++)
        if ((*ret_length = word_length(at, end)) > 0) {
            *ret_vendor = at;
            return true;
        }
    return false;
}

// Commits have no order. EKS ends its versions in one, which may by chance be all digits.
static bool is_commit(const char *part, size_t length, bool is_eks) {
    if (length < SHORTEST_COMMIT)
        return false;
    bool has_letter = false;
    for (size_t i = 0; i < length; i++) {
        if (!isxdigit((unsigned char)part[i]))
            return false;
        has_letter |= !is_digit(part[i]);
    }
    return has_letter || is_eks;
}

enum part_order { PART_LESS = -1, PART_EQUAL, PART_GREATER, PART_UNORDERED };

// "rc10" and "rc2", "k3s1" and "k3s2": words and numbers in turn.
static enum part_order compare_runs(const char *a, const char *a_end, const char *b, const char *b_end, bool by_word) {
    while (a < a_end && b < b_end) {
        uint64_t x, y;
        bool a_is_number = is_digit(*a), b_is_number = is_digit(*b);
        if (a_is_number != b_is_number)
            return by_word ? (a_is_number ? PART_LESS : PART_GREATER) : PART_UNORDERED;
        if (a_is_number) {
            if (!read_number(&a, a_end, &x) || !read_number(&b, b_end, &y))
                return PART_UNORDERED;
            if (x != y)
                return x < y ? PART_LESS : PART_GREATER;
            continue;
        }
        size_t a_length = word_length(a, a_end), b_length = word_length(b, b_end);
        int order = strncasecmp(a, b, MIN(a_length, b_length));
        if (order == 0 && a_length != b_length)
            order = a_length < b_length ? -1 : 1;
        if (order)
            return !by_word ? PART_UNORDERED : order < 0 ? PART_LESS : PART_GREATER;
        a += a_length;
        b += b_length;
    }
    return (a < a_end) == (b < b_end) ? PART_EQUAL : a < a_end ? PART_GREATER : PART_LESS;
}

// by_word: pre-releases, where words have an order too (alpha, beta, rc).
static int compare_suffixes(const struct version *a, const struct version *b, bool by_word, bool is_eks) {
    const char *a_at = a->suffix, *a_end = a_at + a->suffix_length;
    const char *b_at = b->suffix, *b_end = b_at + b->suffix_length;
    while (a_at < a_end && b_at < b_end) {
        size_t a_length = part_length(a_at, a_end), b_length = part_length(b_at, b_end);
        if (!by_word && (is_commit(a_at, a_length, is_eks) || is_commit(b_at, b_length, is_eks)))
            return 0;
        enum part_order order = compare_runs(a_at, a_at + a_length, b_at, b_at + b_length, by_word);
        if (order != PART_EQUAL)
            return order == PART_UNORDERED ? 0 : (int)order;
        a_at += a_length + (a_at + a_length < a_end);
        b_at += b_length + (b_at + b_length < b_end);
    }
    if ((a_at < a_end) == (b_at < b_end))
        return 0;
    const char *rest = a_at < a_end ? a_at : b_at;
    // "gke.100.1" follows "gke.100"; of a vendor's further words nothing can be said.
    if (!by_word && (!is_digit(*rest) || is_commit(rest, part_length(rest, a_at < a_end ? a_end : b_end), is_eks)))
        return 0;
    return a_at < a_end ? 1 : -1;
}

static int compare_vendor_suffixes(const struct version *a, const struct version *b) {
    const char *a_vendor = NULL, *b_vendor = NULL;
    size_t a_length = 0, b_length = 0;
    bool a_has = find_vendor(a, &a_vendor, &a_length), b_has = find_vendor(b, &b_vendor, &b_length);
    if (a_has && b_has && (a_length != b_length || strncasecmp(a_vendor, b_vendor, a_length) != 0))
        return 0;
    bool is_eks = (a_has && a_length == 3 && strncasecmp(a_vendor, "eks", 3) == 0) ||
                  (b_has && b_length == 3 && strncasecmp(b_vendor, "eks", 3) == 0);
    return compare_suffixes(a, b, false, is_eks);
}

int version_compare(const struct version *a, const struct version *b) {
    for (size_t i = 0; i < VERSION_COMPONENTS; i++)
        if (a->component[i] != b->component[i])
            return a->component[i] < b->component[i] ? -1 : 1;
    if (a->is_prerelease != b->is_prerelease)
        return a->is_prerelease ? -1 : 1;
    if (a->is_prerelease)
        return compare_suffixes(a, b, true, false);
    return a->suffix_length && b->suffix_length ? compare_vendor_suffixes(a, b) : 0;
}

bool version_is(const struct version *actual, const struct version *expected) {
    if (memcmp(actual->component, expected->component, sizeof actual->component) != 0 ||
        actual->is_prerelease != expected->is_prerelease)
        return false;
    return !expected->suffix_length || (actual->suffix_length == expected->suffix_length &&
                                        strncasecmp(actual->suffix, expected->suffix, actual->suffix_length) == 0);
}
