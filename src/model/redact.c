// SPDX-License-Identifier: Apache-2.0
#include "model/redact.h"
#include "base/alloc.h"
#include "base/sha256.h"
#include "base/text.h"
#include "base/vec.h"
#include "model/redact_key.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define PSEUDONYM_DIGITS 10
#define LONGEST_ADDRESS 64
#define LONGEST_TOKEN 253
#define LONGEST_CREDENTIALS 512
#define BEGINNING_SIZE 48
#define CLOSING "])}>\"',;" // stays outside of a value that it ends

#define RULE_KEY "secret-key"
#define RULE_VALUE "secret-value"

// A part of the text that is to be replaced.
struct span {
    size_t start, end;
    const char *rule;
    const char *replacement;
};

struct scan {
    const struct redact_policy *policy;
    struct arena *arena;
    const char *text;
    size_t length;
    struct span *spans;
    size_t count, capacity;
};

static void add_span(struct scan *scan, size_t start, size_t end, const char *rule, const char *replacement) {
    if (start >= end)
        return;
    VEC_GROW(scan->spans, scan->count, scan->capacity);
    scan->spans[scan->count++] = (struct span){
        .start = start, .end = end, .rule = rule, .replacement = replacement ? replacement : REDACTED_TEXT};
}

// --- secrets inside text ---

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
    add_span(scan, at, end, RULE_KEY, NULL);
    size_t next = skip_spaces(scan, end);
    if (had_scheme && next < scan->length) {
        end = value_end(scan, next);
        add_span(scan, next, end, RULE_KEY, NULL);
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
                add_span(scan, next, value_end(scan, next), RULE_VALUE, NULL);
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
            add_span(scan, start, start + (size_t)(sign - at), RULE_VALUE, NULL);
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
            add_span(scan, (size_t)(colon + 1 - scan->text), (size_t)(sign - scan->text), RULE_VALUE, NULL);
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
                add_span(scan, start, end, RULE_VALUE, NULL);
            at = scan->text + MAX(end, start + strlen(shapes[i].prefix));
        }
    }
    if (strstr(scan->text, "PRIVATE KEY-----"))
        add_span(scan, 0, scan->length, RULE_VALUE, NULL);
}

// --- names and addresses (strict) ---

static const char *pseudonym(const struct scan *scan, const char *kind, const char *bytes, size_t length) {
    struct sha256 hash;
    unsigned char digest[SHA256_SIZE];
    sha256_init(&hash);
    sha256_add(&hash, scan->policy->key, sizeof scan->policy->key);
    for (size_t i = 0; i < length; i++) {
        char lower = (char)tolower((unsigned char)bytes[i]);
        sha256_add(&hash, &lower, 1);
    }
    sha256_finish(&hash, digest);
    char hex[PSEUDONYM_DIGITS + 1];
    for (size_t i = 0; i < PSEUDONYM_DIGITS; i++)
        hex[i] = "0123456789abcdef"[digest[i / 2] >> (i % 2 ? 0 : 4) & 0xF];
    hex[PSEUDONYM_DIGITS] = '\0';
    return arena_printf(scan->arena, "%s-%s", kind, hex);
}

// Follows a pattern in which x is a hexadecimal digit and every other character stands for itself.
static bool follows(const char *text, size_t length, const char *pattern) {
    if (strlen(pattern) != length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (pattern[i] == 'x' ? !isxdigit((unsigned char)text[i]) : text[i] != pattern[i])
            return false;
    return true;
}

static bool is_ipv4(const char *token) {
    struct in_addr address;
    if (inet_pton(AF_INET, token, &address) != 1)
        return false;
    uint32_t host = ntohl(address.s_addr);
    return host != 0 && host != 0xFFFFFFFF && host >> 24 != 127;
}

static bool is_ipv6(const char *token) {
    struct in6_addr address;
    return inet_pton(AF_INET6, token, &address) == 1 && !IN6_IS_ADDR_UNSPECIFIED(&address) &&
           !IN6_IS_ADDR_LOOPBACK(&address);
}

// Names that clouds make from addresses: ip-10-0-158-18, also with a domain.
static bool is_address_name(const char *token) {
    unsigned parts[4];
    int end = 0;
    return sscanf(token, "ip-%3u-%3u-%3u-%3u%n", &parts[0], &parts[1], &parts[2], &parts[3], &end) == 4 && end &&
           (!token[end] || token[end] == '.');
}

static bool is_host_name(const struct redact_policy *policy, const char *token) {
    if (is_address_name(token))
        return true;
    for (size_t i = 0; i < policy->host_name_count; i++) {
        const char *name = policy->host_names[i];
        size_t short_length = strcspn(name, ".");
        if (strcasecmp(token, name) == 0)
            return true;
        if (short_length && strlen(token) == short_length && strncasecmp(token, name, short_length) == 0)
            return true;
    }
    return false;
}

static const char *address_kind(const char *token, size_t length) {
    if (follows(token, length, "xx:xx:xx:xx:xx:xx") || follows(token, length, "xx-xx-xx-xx-xx-xx"))
        return "mac";
    if (follows(token, length, "xxxx:xxxx:xxxx:xxxx"))
        return "guid";
    if (is_ipv4(token) || is_ipv6(token))
        return "ip";
    return NULL;
}

// One part between colons: a host name or an IPv4 address. (Parts of an IPv6 address are no addresses.)
static void judge_part(struct scan *scan, size_t start, size_t end) {
    _cleanup_free_ char *part = xstrndup(scan->text + start, end - start);
    if (is_host_name(scan->policy, part))
        add_span(scan, start, end, "host-name", pseudonym(scan, "host", part, strcspn(part, ".")));
    else if (is_ipv4(part))
        add_span(scan, start, end, "address", pseudonym(scan, "ip", part, end - start));
}

static void judge_token(struct scan *scan, size_t start, size_t end) {
    size_t length = end - start;
    if (length < 2 || length > LONGEST_TOKEN)
        return;
    _cleanup_free_ char *whole = xstrndup(scan->text + start, length);
    const char *kind = length <= LONGEST_ADDRESS ? address_kind(whole, length) : NULL;
    if (kind && !is_host_name(scan->policy, whole)) {
        add_span(scan, start, end, "address", pseudonym(scan, kind, whole, length));
        return;
    }
    // address:port, and lists such as ip=192.0.2.7::192.0.2.1:255.255.255.0:node7:eth0:off.
    for (size_t at = start; at < end;) {
        const char *colon = memchr(scan->text + at, ':', end - at);
        size_t part_end = colon ? (size_t)(colon - scan->text) : end;
        if (part_end > at + 1)
            judge_part(scan, at, part_end);
        at = part_end + 1;
    }
}

static bool is_address_char(char c) {
    return isalnum((unsigned char)c) || c == '.' || c == ':' || c == '-' || c == '_';
}

static void find_names(struct scan *scan) {
    for (size_t at = 0; at < scan->length;) {
        while (at < scan->length && !is_address_char(scan->text[at]))
            at++;
        size_t start = at;
        while (at < scan->length && is_address_char(scan->text[at]))
            at++;
        size_t end = at;
        while (end > start && strchr(".:-", scan->text[end - 1]))
            end--;
        judge_token(scan, start, end);
    }
}

// The host at the beginning of `at`, by its place: it is one whatever it looks like, but not where it is an address
// (which find_names sees) or this machine.
static void add_placed_host(struct scan *scan, const char *at, size_t length) {
    bool has_letter = false;
    for (size_t i = 0; i < length; i++)
        has_letter |= isalpha((unsigned char)at[i]) != 0;
    if (!has_letter || length > LONGEST_TOKEN || (length == 9 && strncasecmp(at, "localhost", 9) == 0))
        return;
    _cleanup_free_ char *name = xstrndup(at, length);
    if (is_host_name(scan->policy, name))
        return;
    size_t start = (size_t)(at - scan->text);
    add_span(scan, start, start + length, "host-name", pseudonym(scan, "host", at, length));
}

static size_t host_length(const char *at) {
    size_t length = 0;
    while (isalnum((unsigned char)at[length]) || (at[length] && strchr(".-_", at[length])))
        length++;
    return length;
}

// scheme://host, and what a mount begins with: host:/path, //host/path.
static void find_placed_hosts(struct scan *scan) {
    for (const char *at = scan->text; (at = strstr(at, "://"));) {
        at += 3;
        const char *sign = memchr(at, '@', strcspn(at, "/ \t\n\"'"));
        at = sign ? sign + 1 : at;
        add_placed_host(scan, at, host_length(at));
    }
    const char *begin = str_has_prefix(scan->text, "//") ? scan->text + 2 : scan->text;
    size_t length = host_length(begin);
    bool is_scheme = str_has_prefix(begin, "unix:") || str_has_prefix(begin, "file:");
    bool is_mount =
        begin != scan->text ? begin[length] == '/' : str_has_prefix(begin + length, ":/") && begin[length + 2] != '/';
    if (is_mount && !is_scheme)
        add_placed_host(scan, begin, length);
}

static void find_identifiers(struct scan *scan) {
    static const char uuid[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    size_t size = sizeof uuid - 1;
    for (size_t at = 0; at + size <= scan->length; at++)
        if ((!at || !isxdigit((unsigned char)scan->text[at - 1])) && follows(scan->text + at, size, uuid))
            add_span(scan, at, at + size, "identifier", pseudonym(scan, "uuid", scan->text + at, size));
    // Interfaces named after their address: enx001122334455.
    const char *found = scan->text;
    while ((found = strstr(found, "enx"))) {
        size_t start = (size_t)(found - scan->text) + 3;
        found += 3;
        if (start + 12 <= scan->length && follows(scan->text + start, 12, "xxxxxxxxxxxx"))
            add_span(scan, start, start + 12, "address", pseudonym(scan, "mac", scan->text + start, 12));
    }
}

// --- putting it together ---

static int compare_spans(const void *a, const void *b) {
    const struct span *left = a, *right = b;
    if (left->start != right->start)
        return left->start < right->start ? -1 : 1;
    return left->end < right->end ? 1 : left->end > right->end ? -1 : 0;
}

static struct redaction render(struct scan *scan) {
    if (!scan->count)
        return (struct redaction){.text = scan->text};
    qsort(scan->spans, scan->count, sizeof *scan->spans, compare_spans);
    _cleanup_text_ struct text out = {0};
    size_t at = 0;
    for (size_t i = 0; i < scan->count; i++) {
        const struct span *span = &scan->spans[i];
        if (span->start >= at) {
            text_add_bytes(&out, scan->text + at, span->start - at);
            text_add(&out, span->replacement);
        }
        at = MAX(at, span->end); // an overlapping part goes with the earlier one
    }
    text_add_bytes(&out, scan->text + at, scan->length - at);
    return (struct redaction){.text = arena_strndup(scan->arena, text_str(&out), out.length),
                              .rule = scan->spans[0].rule};
}

static void find_secrets(struct scan *scan) {
    find_assignments(scan);
    find_options(scan);
    find_url_credentials(scan);
    find_bare_credentials(scan);
    find_known_shapes(scan);
}

static void find_names_and_identifiers(struct scan *scan) {
    find_names(scan);
    find_placed_hosts(scan);
    find_identifiers(scan);
}

struct redaction redact_text(const struct redact_policy *policy, struct arena *arena, const char *text) {
    struct scan scan = {.policy = policy, .arena = arena, .text = text, .length = strlen(text)};
    if (policy->mode != REDACT_OFF)
        find_secrets(&scan);
    if (policy->mode == REDACT_STRICT)
        find_names_and_identifiers(&scan);
    struct redaction result = render(&scan);
    free(scan.spans);
    return result;
}

struct redaction redact_value(const struct redact_policy *policy, struct arena *arena, const char *key,
                              const char *text) {
    if (policy->mode == REDACT_OFF || !*text)
        return (struct redaction){.text = text};
    if (is_secret_key(key, strlen(key), text))
        return (struct redaction){.text = REDACTED_TEXT, .rule = RULE_KEY};
    const char *rule = identifier_rule(key);
    if (rule)
        return (struct redaction){.text = REDACTED_TEXT, .rule = rule};
    return redact_text(policy, arena, text);
}

const char *redact_words(const struct redact_policy *policy, struct arena *arena, const char **words, size_t count) {
    const char *first_rule = NULL;
    if (policy->mode == REDACT_OFF)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        const char *sign = strchr(words[i], '='), *rule = NULL;
        bool is_option = words[i][0] == '-' && !sign;
        if (is_option && i + 1 < count && words[i + 1][0] != '-' &&
            is_secret_key(words[i], strlen(words[i]), words[i + 1])) {
            words[++i] = REDACTED_TEXT;
            rule = RULE_KEY;
        } else if (sign && is_secret_key(words[i], (size_t)(sign - words[i]), sign + 1)) {
            words[i] = arena_printf(arena, "%.*s=" REDACTED_TEXT, (int)(sign - words[i]), words[i]);
            rule = RULE_KEY;
        } else {
            struct redaction redaction = redact_text(policy, arena, words[i]);
            words[i] = redaction.text;
            rule = redaction.rule;
        }
        if (!first_rule)
            first_rule = rule;
    }
    return first_rule;
}
