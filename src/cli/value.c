// SPDX-License-Identifier: Apache-2.0
#include "cli/value.h"
#include "base/suggest.h"
#include "base/text.h"
#include "cli/describe.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static void *member(const struct option *option, void *values) {
    return (char *)values + option->offset;
}

bool boolean_parse(const char *text, bool *ret) {
    static const struct {
        const char *word;
        bool value;
    } words[] = {{"true", true}, {"false", false}, {"1", true},    {"0", false}, {"yes", true},
                 {"no", false},  {"on", true},     {"off", false}, {"t", true},  {"f", false}};
    for (size_t i = 0; i < ARRAY_SIZE(words); i++)
        if (str_eq_ignore_case(text, words[i].word)) {
            *ret = words[i].value;
            return true;
        }
    return false;
}

// Longest unit first, so that "ms" is not read as minutes.
static bool unit_parse(const char **text, double *ret_ms) {
    static const struct {
        const char *name;
        double ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60 * 1000}, {"h", 3600 * 1000}};
    for (size_t i = 0; i < ARRAY_SIZE(units); i++)
        if (str_has_prefix(*text, units[i].name)) {
            *text += strlen(units[i].name);
            *ret_ms = units[i].ms;
            return true;
        }
    return false;
}

// Digits and at most one point: strtod would also take signs, exponents, hexadecimal and the locale's comma.
static bool decimal_parse(const char **text, double *ret) {
    const char *p = *text;
    double value = 0, scale = 1;
    bool has_digit = false, has_point = false;
    for (; isdigit((unsigned char)*p) || (*p == '.' && !has_point); p++) {
        if (*p == '.') {
            has_point = true;
            continue;
        }
        has_digit = true;
        value = value * 10 + (*p - '0');
        scale *= has_point ? 10 : 1;
    }
    *text = p;
    *ret = value / scale;
    return has_digit;
}

bool duration_parse(const char *text, int64_t *ret_ms) {
    if (str_eq(text, "0")) {
        *ret_ms = 0;
        return true;
    }
    double total = 0, number, unit;
    do {
        if (!decimal_parse(&text, &number) || !unit_parse(&text, &unit))
            return false;
        total += number * unit;
    } while (*text);
    // Where doubles still count single milliseconds; also refuses infinity and not-a-number.
    if (!(total < 9007199254740992.0))
        return false;
    *ret_ms = (int64_t)(total + 0.5);
    return true;
}

static size_t count_choices(const char *const *choices) {
    size_t count = 0;
    while (choices[count])
        count++;
    return count;
}

static int choice_find(const struct option *option, const char *text, const char *where, const char **ret,
                       struct error **err) {
    size_t count = count_choices(option->choices);
    for (size_t i = 0; i < count; i++)
        if (str_eq_ignore_case(option->choices[i], text)) {
            *ret = option->choices[i];
            return 0;
        }
    _cleanup_text_ struct text list = {0};
    for (size_t i = 0; i < count; i++)
        text_addf(&list, "%s%s", i == 0 ? "" : i + 1 == count ? " or " : ", ", option->choices[i]);
    error_set(err, ERROR_INVALID, "%s: '%s' is none of %s", where, text, text_str(&list));
    const char *nearest = suggest_nearest(text, option->choices, count);
    return nearest ? error_hint(err, "did you mean '%s'?", nearest) : -ERROR_INVALID;
}

static int set_bool(const struct option *option, void *values, const char *text, const char *where,
                    struct error **err) {
    if (boolean_parse(text, member(option, values)))
        return 0;
    return error_set(err, ERROR_INVALID, "%s: '%s' is neither true nor false", where, text);
}

static int set_string(const struct option *option, void *values, const char *text, const char *where _unused_,
                      struct error **err _unused_) {
    *(const char **)member(option, values) = text;
    return 0;
}

static int set_choice(const struct option *option, void *values, const char *text, const char *where,
                      struct error **err) {
    return choice_find(option, text, where, member(option, values), err);
}

static bool is_limited(const struct option *option) {
    return option->minimum != 0 || option->maximum != 0;
}

static int set_int(const struct option *option, void *values, const char *text, const char *where, struct error **err) {
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (end == text || *end || isspace((unsigned char)*text))
        return error_set(err, ERROR_INVALID, "%s: '%s' is not a whole number", where, text);
    if (errno == ERANGE)
        return error_set(err, ERROR_INVALID, "%s: %s does not fit 64 bits", where, text);
    if (is_limited(option) && value < option->minimum)
        return error_set(err, ERROR_INVALID, "%s: %lld is less than %" PRId64, where, value, option->minimum);
    if (is_limited(option) && value > option->maximum)
        return error_set(err, ERROR_INVALID, "%s: %lld is more than %" PRId64, where, value, option->maximum);
    *(int64_t *)member(option, values) = value;
    return 0;
}

static int set_duration(const struct option *option, void *values, const char *text, const char *where,
                        struct error **err) {
    int64_t value;
    if (!duration_parse(text, &value)) {
        error_set(err, ERROR_INVALID, "%s: '%s' is not a duration", where, text);
        return error_hint(err, "write a number with its unit, such as 500ms, 30s, 5m or 1h30m");
    }
    if (is_limited(option) && value < option->minimum)
        return error_set(err, ERROR_INVALID, "%s: %s is less than %" PRId64 "ms", where, text, option->minimum);
    if (is_limited(option) && value > option->maximum)
        return error_set(err, ERROR_INVALID, "%s: %s is more than %" PRId64 "ms", where, text, option->maximum);
    *(int64_t *)member(option, values) = value;
    return 0;
}

static int add_to_list(const struct option *option, void *values, const char *text, const char *where,
                       struct error **err) {
    _cleanup_strvec_ struct strvec parts = {0};
    if (option->splits_commas)
        strvec_add_split(&parts, text, ',');
    else
        strvec_add(&parts, text);
    struct strvec *list = member(option, values);
    for (size_t i = 0; i < parts.count; i++) {
        const char *part = parts.items[i];
        if (!*part && !option->allows_empty)
            return error_set(err, ERROR_INVALID, "%s: '%s' has an empty item", where, text);
        if (option->choices && *part) {
            int r = choice_find(option, part, where, &part, err);
            if (r < 0)
                return r;
        }
        strvec_addf(list, "%s%s", option->list_prefix ? option->list_prefix : "", part);
    }
    return 0;
}

int option_set(const struct option *option, void *values, const char *text, const char *where, struct error **err) {
    static int (*const setters[])(const struct option *, void *, const char *, const char *, struct error **) = {
        [OPTION_BOOL] = set_bool, [OPTION_STRING] = set_string,     [OPTION_CHOICE] = set_choice,
        [OPTION_INT] = set_int,   [OPTION_DURATION] = set_duration, [OPTION_LIST] = add_to_list,
    };
    if (!*text && !option->allows_empty) {
        error_set(err, ERROR_INVALID, "%s: the value is empty", where);
        return error_hint(err, "give it a value (%s), or leave the option out", option_value_name(option));
    }
    return setters[option->type](option, values, text, where, err);
}

void options_done(const struct option *options, void *values) {
    for (const struct option *option = options; values && option->name; option++)
        if (option->type == OPTION_LIST)
            strvec_done(member(option, values));
}
