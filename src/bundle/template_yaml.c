// SPDX-License-Identifier: Apache-2.0
// YAML as Helm's toYaml writes it: by way of JSON and version 2 of Go's YAML package, so keys are in that package's
// natural order, lists stand under their key without indentation, and quoting follows libyaml's analysis of scalars
// with YAML 1.1's idea of what an unquoted word means. Charts and manifests are compared byte by byte with Helm's
// output (tests/e2e/test_templates.py).
#include "bundle/template_tree.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#define INDENT 2
#define WIDTH 80             // further text moves to the next line
#define SIMPLE_KEY_LIMIT 128 // bytes

struct yaml {
    struct arena *arena;
    struct text *out;
};

// --- does a word mean something else when it is not quoted? ---

static bool is_reserved_word(const char *text) {
    static const char *const words[] = {
        "",      "~",    "null", "Null", "NULL", "y",    "Y",    "yes",   "Yes",   "YES",   "on",    "On",    "ON",
        "true",  "True", "TRUE", "n",    "N",    "no",   "No",   "NO",    "off",   "Off",   "OFF",   "false", "False",
        "FALSE", ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF"};
    for (size_t i = 0; i < ARRAY_SIZE(words); i++)
        if (str_eq(text, words[i]))
            return true;
    return false;
}

static size_t span(const char *text, const char *set) {
    return strspn(text, set);
}

// What Go's ParseInt with base 0 takes, underscores dropped, and binary with a sign anywhere the package allows.
static bool is_integer(const char *text) {
    const char *digits = text + (*text == '+' || *text == '-');
    static const struct {
        const char *prefix, *set;
    } bases[] = {{"0x", "0123456789abcdefABCDEF"},
                 {"0X", "0123456789abcdefABCDEF"},
                 {"0b", "01"},
                 {"0B", "01"},
                 {"0o", "01234567"},
                 {"0O", "01234567"}};
    for (size_t i = 0; i < ARRAY_SIZE(bases); i++) {
        if (str_has_prefix(digits, bases[i].prefix)) {
            size_t length = span(digits + 2, bases[i].set);
            return length && !digits[2 + length];
        }
    }
    size_t length = span(digits, "0123456789");
    if (!length || digits[length])
        return false;
    return digits[0] != '0' || length == 1 || span(digits, "01234567") == length;
}

// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
static bool is_float(const char *text) {
    text += *text == '+' || *text == '-';
    size_t whole = span(text, "0123456789");
    text += whole;
    if (*text == '.') {
        size_t fraction = span(++text, "0123456789");
        if (!whole && !fraction)
            return false;
        text += fraction;
    } else if (!whole) {
        return false;
    }
    if (*text == 'e' || *text == 'E') {
        text++;
        text += *text == '+' || *text == '-';
        size_t exponent = span(text, "0123456789");
        if (!exponent)
            return false;
        text += exponent;
    }
    return !*text;
}

// YAML 1.1's sexagesimal numbers: [-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?
static bool is_base_60(const char *text) {
    text += *text == '+' || *text == '-';
    if (!isdigit((unsigned char)*text))
        return false;
    text += span(text, "0123456789_");
    bool has_part = false;
    while (*text == ':') {
        size_t digits = span(++text, "0123456789");
        if (digits == 0 || digits > 2 || (digits == 2 && *text > '5'))
            return false;
        text += digits;
        has_part = true;
    }
    if (*text == '.')
        text += 1 + span(text + 1, "0123456789_");
    return has_part && !*text;
}

static bool take_number(const char **at, size_t least, size_t most, int lowest, int highest) {
    size_t digits = span(*at, "0123456789");
    if (digits < least || digits > most)
        return false;
    int value = atoi(*at);
    *at += digits;
    return value >= lowest && value <= highest;
}

static bool take_char(const char **at, const char *set) {
    if (!**at || !strchr(set, **at))
        return false;
    (*at)++;
    return true;
}

static bool is_date(const char **at) {
    if (!take_number(at, 4, 4, 0, 9999) || !take_char(at, "-"))
        return false;
    const char *month_at = *at;
    if (!take_number(at, 1, 2, 1, 12) || !take_char(at, "-"))
        return false;
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return take_number(at, 1, 2, 1, days[atoi(month_at) - 1]);
}

static bool is_timestamp(const char *text) {
    if (!is_date(&text))
        return false;
    if (!*text)
        return true;
    char separator = *text;
    if (!take_char(&text, "Tt ") || !take_number(&text, 1, 2, 0, 23) || !take_char(&text, ":") ||
        !take_number(&text, 1, 2, 0, 59) || !take_char(&text, ":") || !take_number(&text, 1, 2, 0, 59))
        return false;
    if (*text == '.') {
        size_t fraction = span(text + 1, "0123456789");
        if (!fraction)
            return false;
        text += 1 + fraction;
    }
    if (separator == ' ')
        return !*text;
    if (str_eq(text, "Z"))
        return true;
    return take_char(&text, "+-") && take_number(&text, 2, 2, 0, 24) && take_char(&text, ":") &&
           take_number(&text, 2, 2, 0, 60) && !*text;
}

static bool means_something_else(struct arena *arena, const char *text) {
    if (is_reserved_word(text) || is_base_60(text) || is_timestamp(text))
        return true;
    if (!strchr("+-.0123456789", *text))
        return false;
    char *plain = arena_strdup(arena, text), *to = plain;
    for (const char *from = text; *from; from++)
        if (*from != '_')
            *to++ = *from;
    *to = '\0';
    return is_integer(plain) || is_float(plain);
}

// --- which styles can a text be written in? ---

struct analysis {
    bool allows_plain, allows_single, allows_literal, is_multiline;
};

static bool is_break(const char *at) {
    return *at == '\n' || *at == '\r' || str_has_prefix(at, "\xC2\x85") || str_has_prefix(at, "\xE2\x80\xA8") ||
           str_has_prefix(at, "\xE2\x80\xA9");
}

static size_t character_width(const char *at) {
    unsigned char c = (unsigned char)*at;
    return c < 0x80 ? 1 : c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
}

static bool is_printable(const char *at) {
    unsigned char c = (unsigned char)at[0], next = (unsigned char)at[1];
    if (c < 0x80)
        return c == '\n' || (c >= 0x20 && c <= 0x7E);
    if (c == 0xC2)
        return next >= 0xA0;
    if (c == 0xED)
        return next < 0xA0;
    if (c == 0xEF) {
        unsigned char last = (unsigned char)at[2];
        return !(next == 0xBB && last == 0xBF) && !(next == 0xBF && (last == 0xBE || last == 0xBF));
    }
    return c < 0xF0;
}

static bool is_blank_or_end(const char *at) {
    return !*at || *at == ' ' || *at == '\t' || is_break(at);
}

// An indicator that keeps a text in block context from being plain.
static bool is_block_indicator(const char *at, bool is_first, bool after_blank) {
    bool before_blank = is_blank_or_end(at + 1);
    if (is_first)
        return strchr("#,[]{}&*!|>'\"%@`", *at) || (strchr("?:-", *at) && before_blank);
    return (*at == ':' && before_blank) || (*at == '#' && after_blank);
}

static struct analysis analyse(const char *text, size_t length) {
    bool has_indicator = str_has_prefix(text, "---") || str_has_prefix(text, "..."), has_break = false;
    bool is_special = false, space_first = false, space_last = false, break_space = false, space_break = false;
    bool break_first = false, break_last = false, was_space = false, was_break = false, after_blank = true;
    for (size_t i = 0; i < length; i += character_width(text + i)) {
        const char *at = text + i;
        bool is_last = i + character_width(at) >= length;
        has_indicator = has_indicator || is_block_indicator(at, i == 0, after_blank);
        is_special = is_special || !is_printable(at);
        bool now_space = *at == ' ', now_break = is_break(at);
        space_first = space_first || (now_space && i == 0);
        space_last = space_last || (now_space && is_last);
        break_first = break_first || (now_break && i == 0);
        break_last = break_last || (now_break && is_last);
        break_space = break_space || (now_space && was_break);
        space_break = space_break || (now_break && was_space);
        has_break = has_break || now_break;
        was_space = now_space;
        was_break = now_break;
        after_blank = is_blank_or_end(at);
    }
    bool is_strange = space_break || is_special;
    return (struct analysis){
        .is_multiline = has_break,
        .allows_plain = !(space_first || space_last || break_first || break_last || break_space || is_strange ||
                          has_break || has_indicator),
        .allows_single = !(break_space || is_strange),
        .allows_literal = !(space_last || is_strange) && length,
    };
}

// --- writing ---

struct scalar {
    const char *text;
    size_t length;
    size_t indent; // of its further lines
    bool is_key;   // in front of a colon, so on one line
};

// Characters since the last line break.
static size_t column_of(const struct text *out) {
    size_t column = 0;
    for (size_t i = out->length; i > 0 && out->bytes[i - 1] != '\n'; i--)
        column += ((unsigned char)out->bytes[i - 1] & 0xC0) != 0x80;
    return column;
}

// Whether the single space at `at` becomes a line break; `inner` keeps the first and the last character together.
static bool folds(const struct yaml *yaml, const struct scalar *scalar, size_t i, bool inner) {
    bool is_single_space = scalar->text[i] == ' ' && (i == 0 || scalar->text[i - 1] != ' ');
    return !scalar->is_key && is_single_space && !(inner && (i == 0 || i + 1 >= scalar->length)) &&
           column_of(yaml->out) > WIDTH;
}

static void fold(struct yaml *yaml, size_t indent) {
    text_add_char(yaml->out, '\n');
    text_add_repeat(yaml->out, ' ', indent);
}

static void add_escaped(struct yaml *yaml, const char *at) {
    static const char names[] = "0abtnvfre\"\\", values[] = "\0\a\b\t\n\v\f\r\x1b\"\\";
    size_t width = character_width(at);
    const char *simple = memchr(values, *at, sizeof values - 1);
    uint32_t c = template_code_point(at, &width);
    if (simple)
        text_addf(yaml->out, "\\%c", names[simple - values]);
    else if (c == 0x85 || c == 0x2028 || c == 0x2029)
        text_add(yaml->out, c == 0x85 ? "\\N" : c == 0x2028 ? "\\L" : "\\P");
    else if (is_printable(at))
        text_add_bytes(yaml->out, at, width);
    else
        text_addf(yaml->out, c <= 0xFF ? "\\x%02X" : c <= 0xFFFF ? "\\u%04X" : "\\U%08X", c);
}

static void add_double_quoted(struct yaml *yaml, const struct scalar *scalar) {
    text_add_char(yaml->out, '"');
    for (size_t i = 0; i < scalar->length; i += character_width(scalar->text + i)) {
        if (folds(yaml, scalar, i, true)) {
            fold(yaml, scalar->indent);
            if (scalar->text[i + 1] == ' ')
                text_add_char(yaml->out, '\\');
        } else {
            add_escaped(yaml, scalar->text + i);
        }
    }
    text_add_char(yaml->out, '"');
}

static void add_single_quoted(struct yaml *yaml, const struct scalar *scalar) {
    text_add_char(yaml->out, '\'');
    for (size_t i = 0; i < scalar->length; i++) {
        if (folds(yaml, scalar, i, true) && scalar->text[i + 1] != ' ') {
            fold(yaml, scalar->indent);
            continue;
        }
        if (scalar->text[i] == '\'')
            text_add_char(yaml->out, '\'');
        text_add_char(yaml->out, scalar->text[i]);
    }
    text_add_char(yaml->out, '\'');
}

static void add_plain(struct yaml *yaml, const struct scalar *scalar) {
    for (size_t i = 0; i < scalar->length; i++) {
        if (folds(yaml, scalar, i, false) && scalar->text[i + 1] != ' ')
            fold(yaml, scalar->indent);
        else
            text_add_char(yaml->out, scalar->text[i]);
    }
}

static void add_literal(struct yaml *yaml, const struct scalar *scalar) {
    const char *text = scalar->text;
    size_t length = scalar->length;
    text_add_char(yaml->out, '|');
    if (*text == ' ' || is_break(text))
        text_addf(yaml->out, "%d", INDENT);
    if (text[length - 1] != '\n')
        text_add_char(yaml->out, '-');
    else if (length == 1 || text[length - 2] == '\n')
        text_add_char(yaml->out, '+');
    for (const char *line = text, *end = text + length; line < end;) {
        const char *line_end = memchr(line, '\n', (size_t)(end - line));
        size_t line_length = (size_t)((line_end ? line_end : end) - line);
        text_add_char(yaml->out, '\n');
        if (line_length)
            text_add_repeat(yaml->out, ' ', scalar->indent);
        text_add_bytes(yaml->out, line, line_length);
        line = line_end ? line_end + 1 : end;
    }
}

static void add_string(struct yaml *yaml, const struct scalar *scalar) {
    struct analysis analysis = analyse(scalar->text, scalar->length);
    bool wants_quotes = means_something_else(yaml->arena, scalar->text);
    bool wants_literal = memchr(scalar->text, '\n', scalar->length) && !scalar->is_key;
    if (wants_literal && analysis.allows_literal)
        add_literal(yaml, scalar);
    else if (wants_literal || wants_quotes || !analysis.allows_single || (scalar->is_key && analysis.is_multiline))
        add_double_quoted(yaml, scalar);
    else if (analysis.allows_plain)
        add_plain(yaml, scalar);
    else
        add_single_quoted(yaml, scalar);
}

static bool is_digit_at(const char *text, size_t at) {
    return isdigit((unsigned char)text[at]);
}

// Beyond ASCII everything counts as a letter but what is commonly met and is none.
static bool is_letter_at(const char *text, size_t at) {
    if ((unsigned char)text[at] < 0x80)
        return isalpha((unsigned char)text[at]);
    size_t width;
    uint32_t c = template_code_point(text + at, &width);
    bool is_latin_sign = c < 0xC0 ? c != 0xAA && c != 0xB5 && c != 0xBA : c == 0xD7 || c == 0xF7;
    return !(is_latin_sign || (c >= 0x2000 && c <= 0x206F) || (c >= 0x20A0 && c <= 0x20CF) ||
             (c >= 0x2190 && c <= 0x2BFF) || (c >= 0x3000 && c <= 0x3004) || (c >= 0xFE00 && c <= 0xFE0F) ||
             c == 0xFEFF || c == 0xFFFD || (c >= 0x1F000 && c <= 0x1FAFF));
}

// Where the two first differ, at the start of a character.
static size_t first_difference(const char *a, const char *b) {
    size_t i = 0;
    while (a[i] && a[i] == b[i])
        i++;
    while (i > 0 && ((unsigned char)a[i] & 0xC0) == 0x80)
        i--;
    return i;
}

static uint64_t number_at(const char *text, size_t *at, uint64_t start) {
    for (; is_digit_at(text, *at); ++*at)
        start = start * 10 + (uint64_t)(text[*at] - '0');
    return start;
}

// The package's natural order: numbers inside keys by value, letters after everything else.
static bool key_is_less(const char *a, const char *b) {
    size_t i = first_difference(a, b);
    if (!a[i] || !b[i])
        return !a[i] && b[i];
    bool a_letter = is_letter_at(a, i), b_letter = is_letter_at(b, i);
    if (!a_letter && !b_letter) {
        uint64_t start = 0;
        if (a[i] == '0' || b[i] == '0')
            for (size_t j = i; j > 0 && is_digit_at(a, j - 1) && !start; j--)
                start = a[j - 1] != '0';
        size_t a_end = i, b_end = i;
        uint64_t a_number = number_at(a, &a_end, start), b_number = number_at(b, &b_end, start);
        if (a_number != b_number)
            return (int64_t)a_number < (int64_t)b_number;
        if (a_end != b_end)
            return a_end < b_end;
    } else if (a_letter != b_letter) {
        return b_letter;
    }
    return strcmp(a + i, b + i) < 0;
}

static int compare_keys(const void *left, const void *right) {
    const struct doc_member *const *a = left, *const *b = right;
    return key_is_less((*a)->key, (*b)->key) ? -1 : key_is_less((*b)->key, (*a)->key);
}

static void add_value(struct yaml *yaml, const struct doc *value, size_t indent, bool after_key);

// A key that does not fit in front of a colon gets a line of its own behind a question mark.
static void add_member(struct yaml *yaml, const struct doc_member *member, size_t indent) {
    struct scalar key = {member->key, member->key_length, indent + INDENT, true};
    if (key.length <= SIMPLE_KEY_LIMIT && !analyse(key.text, key.length).is_multiline) {
        add_string(yaml, &key);
        text_add_char(yaml->out, ':');
        add_value(yaml, member->value, indent, true);
        return;
    }
    key.is_key = false;
    text_add(yaml->out, "? ");
    add_string(yaml, &key);
    text_add_char(yaml->out, '\n');
    text_add_repeat(yaml->out, ' ', indent);
    text_add_char(yaml->out, ':');
    add_value(yaml, member->value, indent, false);
}

static void add_map(struct yaml *yaml, const struct doc *map, size_t indent) {
    size_t count = doc_count(map);
    const struct doc_member **members = template_sorted_members(yaml->arena, map);
    qsort(members, count, sizeof *members, compare_keys);
    for (size_t i = 0; i < count; i++) {
        if (i) {
            text_add_char(yaml->out, '\n');
            text_add_repeat(yaml->out, ' ', indent);
        }
        add_member(yaml, members[i], indent);
    }
}

static void add_list(struct yaml *yaml, const struct doc *list, size_t indent) {
    for (size_t i = 0; i < doc_count(list); i++) {
        if (i) {
            text_add_char(yaml->out, '\n');
            text_add_repeat(yaml->out, ' ', indent);
        }
        text_add_char(yaml->out, '-');
        add_value(yaml, doc_item(list, i), indent, false);
    }
}

static void add_number(struct yaml *yaml, const struct doc *value) {
    if (value->kind == DOC_FLOAT && value->real == floor(value->real) && fabs(value->real) < 0x1p63 &&
        !strchr(value->text, '.'))
        text_addf(yaml->out, "%.0f", value->real);
    else if (isinf(value->kind == DOC_FLOAT ? value->real : 0))
        text_add(yaml->out, value->real > 0 ? ".inf" : "-.inf");
    else
        template_print(value, yaml->out);
}

// A value behind "key:" or "-", with the space or line break that it needs in front.
static void add_value(struct yaml *yaml, const struct doc *value, size_t indent, bool after_key) {
    bool is_block = (doc_is(value, DOC_MAP) || doc_is(value, DOC_LIST)) && doc_count(value);
    size_t inner = after_key && doc_is(value, DOC_LIST) ? indent : indent + INDENT;
    if (is_block && after_key) {
        text_add_char(yaml->out, '\n');
        text_add_repeat(yaml->out, ' ', inner);
    } else {
        text_add_char(yaml->out, ' ');
    }
    if (is_block && value->kind == DOC_MAP)
        add_map(yaml, value, inner);
    else if (is_block)
        add_list(yaml, value, inner);
    else if (doc_is(value, DOC_MAP) || doc_is(value, DOC_LIST))
        text_add(yaml->out, value->kind == DOC_MAP ? "{}" : "[]");
    else if (template_is_nil(value))
        text_add(yaml->out, "null");
    else if (value->kind == DOC_STRING)
        add_string(yaml, &(struct scalar){value->text, value->length, indent + INDENT, false});
    else if (value->kind == DOC_BOOL)
        template_print(value, yaml->out);
    else
        add_number(yaml, value);
}

void template_yaml(struct arena *arena, const struct doc *value, struct text *out) {
    struct yaml yaml = {.arena = arena, .out = out};
    if (doc_is(value, DOC_MAP) && doc_count(value)) {
        add_map(&yaml, value, 0);
    } else if (doc_is(value, DOC_LIST) && doc_count(value)) {
        add_list(&yaml, value, 0);
    } else if (doc_is(value, DOC_STRING)) {
        add_string(&yaml, &(struct scalar){value->text, value->length, INDENT, false});
    } else {
        _cleanup_text_ struct text scalar = {0};
        yaml.out = &scalar;
        add_value(&yaml, value, 0, false);
        text_add(out, scalar.bytes + 1); // without the space in front
    }
}
