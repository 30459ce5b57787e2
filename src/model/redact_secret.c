// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "model/redact_key.h"
#include "model/redact_scan.h"

#include <ctype.h>
#include <strings.h>

#define LONGEST_CREDENTIALS 512
#define BEGINNING_SIZE 48
#define CLOSING "])}>\"',;" // stays outside of a value that it ends

static bool is_space(char c) {
    return isspace((unsigned char)c);
}

static bool is_key_char(char c) {
    return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

static size_t skip_spaces(const struct scan *scan, size_t at) {
    while (at < scan->length && is_space(scan->text[at]))
        at++;
    return at;
}

// End of the word that starts at `at`: a quoted word ends at its quote, any other at white space, where closing
// brackets and punctuation stay outside. Rather too much is replaced than too little.
static size_t value_end(const struct scan *scan, size_t at) {
    char quote = scan->text[at];
    if (quote == '"' || quote == '\'') {
        const char *end = memchr(scan->text + at + 1, quote, scan->length - at - 1);
        return end ? (size_t)(end - scan->text) + 1 : scan->length;
    }
    size_t end = at;
    while (end < scan->length && !is_space(scan->text[end]))
        end++;
    while (end > at + 1 && strchr(CLOSING, scan->text[end - 1]))
        end--;
    return end;
}

static bool word_is(const struct scan *scan, size_t start, size_t end, const char *word) {
    return end - start == strlen(word) && strncasecmp(scan->text + start, word, end - start) == 0;
}

static bool is_scheme(const struct scan *scan, size_t start, size_t end) {
    return word_is(scan, start, end, "bearer") || word_is(scan, start, end, "basic") ||
           word_is(scan, start, end, "digest") || word_is(scan, start, end, "token");
}

// The word at `at` is a secret; after an authentication scheme the next one is, too. Returns where they end.
static size_t add_secret_word(struct scan *scan, size_t at) {
    size_t end = value_end(scan, at);
    bool had_scheme = is_scheme(scan, at, end);
    scan_add_span(scan, at, end, RULE_KEY, NULL);
    size_t next = skip_spaces(scan, end);
    if (had_scheme && next < scan->length) {
        end = value_end(scan, next);
        scan_add_span(scan, next, end, RULE_KEY, NULL);
    }
    return end;
}

// Only the beginning of the value is looked at: what is longer is neither a switch nor a small number, and every sign
// of a long text may be one that assigns.
static bool is_secret_pair(const struct scan *scan, size_t key_start, size_t key_end, size_t value) {
    char beginning[BEGINNING_SIZE];
    size_t length = 0;
    while (length < sizeof beginning - 1 && value + length < scan->length && !is_space(scan->text[value + length])) {
        beginning[length] = scan->text[value + length];
        length++;
    }
    while (length > 1 && length < sizeof beginning - 1 && strchr(CLOSING, beginning[length - 1]))
        length--;
    beginning[length] = '\0';
    return is_secret_key(scan->text + key_start, key_end - key_start, beginning);
}

// Where the key before a sign ends: before quotes, also escaped ones ("key": value), and before the space of
// "key = value". *ret_spaced tells of the latter.
static size_t key_end_before(const struct scan *scan, size_t sign, bool *ret_spaced) {
    size_t end = sign;
    while (end && strchr("\"'\\", scan->text[end - 1]))
        end--;
    *ret_spaced = end == sign && end && scan->text[end - 1] == ' ';
    while (*ret_spaced && end && scan->text[end - 1] == ' ')
        end--;
    return end;
}

// key=value, key = value, key:value, "key": value.
static void find_assignments(struct scan *scan) {
    for (size_t i = 1; i < scan->length; i++) {
        char c = scan->text[i];
        if (c != '=' && c != ':')
            continue;
        bool spaced;
        size_t key_end = key_end_before(scan, i, &spaced), key_start = key_end;
        while (key_start && is_key_char(scan->text[key_start - 1]))
            key_start--;
        size_t value = c == ':' || spaced ? skip_spaces(scan, i + 1) : i + 1;
        if (key_start == key_end || value >= scan->length || (c == ':' && scan->text[value] == '/'))
            continue;
        if (is_space(scan->text[value]) || !is_secret_pair(scan, key_start, key_end, value))
            continue;
        i = add_secret_word(scan, value) - 1; // goes on behind it
    }
}

// --token VALUE, and an authentication scheme followed by what it carries.
static void find_options(struct scan *scan) {
    for (size_t at = skip_spaces(scan, 0); at < scan->length;) {
        size_t end = at;
        while (end < scan->length && !is_space(scan->text[end]))
            end++;
        size_t next = skip_spaces(scan, end), name = at;
        while (name < end && strchr("[({\"'", scan->text[name]))
            name++;
        bool is_option = name < end && scan->text[name] == '-' && !memchr(scan->text + name, '=', end - name);
        if (next < scan->length && scan->text[next] != '-') {
            if (is_option && is_secret_pair(scan, name, end, next))
                add_secret_word(scan, next);
            else if (word_is(scan, name, end, "bearer") && value_end(scan, next) - next >= 8)
                scan_add_span(scan, next, value_end(scan, next), RULE_VALUE, NULL);
        }
        at = next;
    }
}

// The @ of a URL whose password holds a slash that nobody escaped: user:pa/ss@host. What stands between colon and slash
// is no port then.
static const char *sign_behind_slash(const char *authority, size_t length) {
    const char *colon = memchr(authority, ':', length);
    if (!colon || *authority == '[' || strspn(colon + 1, "0123456789") + 1 == length - (size_t)(colon - authority))
        return NULL;
    size_t whole = 0;
    while (whole < LONGEST_CREDENTIALS && authority[whole] && !strchr(" \t\n\"'", authority[whole]))
        whole++;
    return memrchr(authority, '@', whole);
}

// scheme://user:password@host; a user alone is kept unless it is as long as tokens are.
static void find_url_credentials(struct scan *scan) {
    const char *at = scan->text;
    while ((at = strstr(at, "://"))) {
        at += 3;
        size_t length = strcspn(at, "/ \t\n\"'");
        const char *sign = memrchr(at, '@', length);
        if (!sign && at[length] == '/')
            sign = sign_behind_slash(at, length);
        if (sign && (memchr(at, ':', (size_t)(sign - at)) || sign - at >= 16)) {
            size_t start = (size_t)(at - scan->text);
            scan_add_span(scan, start, start + (size_t)(sign - at), RULE_VALUE, NULL);
        }
    }
}

// What may stand behind an @ that follows a colon without any password: image digests, Lustre's networks.
static bool is_harmless_host(const char *host) {
    static const char *const beginnings[] = {"sha256:", "sha512:", "tcp", "o2ib"};
    for (size_t i = 0; i < ARRAY_SIZE(beginnings); i++)
        if (str_has_prefix(host, beginnings[i]))
            return true;
    return !isalnum((unsigned char)*host) && *host != '[';
}

// user:password@host without a scheme, as dracut's netroot=iscsi:user:password@host and mounts have it.
static void find_bare_credentials(struct scan *scan) {
    for (const char *sign = scan->text; (sign = strchr(sign, '@')); sign++) {
        const char *start = sign, *colon = NULL;
        while (start > scan->text && sign - start < LONGEST_CREDENTIALS && !strchr(" \t\n\"'=,;([{@", start[-1]))
            if (*--start == ':')
                colon = start;
        bool is_behind_sign = start > scan->text && start[-1] == '@';
        if (!colon || colon == start || colon + 1 == sign || is_behind_sign ||
            memchr(colon, '/', (size_t)(sign - colon)))
            continue;
        if (!is_harmless_host(sign + 1))
            scan_add_span(scan, (size_t)(colon + 1 - scan->text), (size_t)(sign - scan->text), RULE_VALUE, NULL);
    }
}

static bool is_token_char(char c) {
    return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.' || c == '+' || c == '/' || c == '=';
}

// Tokens that give themselves away by how they begin.
static void find_known_shapes(struct scan *scan) {
    static const struct {
        const char *prefix;
        size_t minimum; // characters after the prefix
    } shapes[] = {
        {"AKIA", 16},  {"ASIA", 16},   {"ghp_", 20},        {"gho_", 20},  {"ghu_", 20},   {"ghs_", 20},
        {"ghr_", 20},  {"glpat-", 16}, {"xoxb-", 10},       {"xoxp-", 10}, {"nvapi-", 16}, {"hf_", 20},
        {"sk-", 20},   {"eyJ", 30},    {"github_pat_", 20}, {"AIza", 30},  {"npm_", 30},   {"dckr_pat_", 16},
        {"ya29.", 20}, {"hvs.", 20},   {"sk_live_", 16},    {"xapp-", 10},
    };
    for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
        const char *at = scan->text;
        while ((at = strstr(at, shapes[i].prefix))) {
            size_t start = (size_t)(at - scan->text), end = start;
            while (end < scan->length && is_token_char(scan->text[end]))
                end++;
            bool is_word_start = !start || !isalnum((unsigned char)at[-1]);
            if (is_word_start && end - start >= strlen(shapes[i].prefix) + shapes[i].minimum)
                scan_add_span(scan, start, end, RULE_VALUE, NULL);
            at = scan->text + MAX(end, start + strlen(shapes[i].prefix));
        }
    }
    if (strstr(scan->text, "PRIVATE KEY-----"))
        scan_add_span(scan, 0, scan->length, RULE_VALUE, NULL);
}

void scan_find_secrets(struct scan *scan) {
    find_assignments(scan);
    find_options(scan);
    find_url_credentials(scan);
    find_bare_credentials(scan);
    find_known_shapes(scan);
}
