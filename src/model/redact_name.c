// SPDX-License-Identifier: Apache-2.0
#include "base/alloc.h"
#include "base/sha256.h"
#include "base/text.h"
#include "model/redact_scan.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <strings.h>

#define PSEUDONYM_DIGITS 10
#define LONGEST_ADDRESS 64
#define LONGEST_TOKEN 253

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
        scan_add_span(scan, start, end, "host-name", pseudonym(scan, "host", part, strcspn(part, ".")));
    else if (is_ipv4(part))
        scan_add_span(scan, start, end, "address", pseudonym(scan, "ip", part, end - start));
}

static void judge_token(struct scan *scan, size_t start, size_t end) {
    size_t length = end - start;
    if (length < 2 || length > LONGEST_TOKEN)
        return;
    _cleanup_free_ char *whole = xstrndup(scan->text + start, length);
    const char *kind = length <= LONGEST_ADDRESS ? address_kind(whole, length) : NULL;
    if (kind && !is_host_name(scan->policy, whole)) {
        scan_add_span(scan, start, end, "address", pseudonym(scan, kind, whole, length));
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
    scan_add_span(scan, start, start + length, "host-name", pseudonym(scan, "host", at, length));
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
            scan_add_span(scan, at, at + size, "identifier", pseudonym(scan, "uuid", scan->text + at, size));
    // Interfaces named after their address: enx001122334455.
    const char *found = scan->text;
    while ((found = strstr(found, "enx"))) {
        size_t start = (size_t)(found - scan->text) + 3;
        found += 3;
        if (start + 12 <= scan->length && follows(scan->text + start, 12, "xxxxxxxxxxxx"))
            scan_add_span(scan, start, start + 12, "address", pseudonym(scan, "mac", scan->text + start, 12));
    }
}

void scan_find_names(struct scan *scan) {
    find_names(scan);
    find_placed_hosts(scan);
    find_identifiers(scan);
}
