// SPDX-License-Identifier: Apache-2.0
#pragma once

// Redaction: what must not leave the machine is replaced before it enters a snapshot (docs/snapshot.md, Redaction).
//
// Default: values under keys that look like secrets (token, password, key, ...), secrets inside text (arguments,
// assignments, credentials in URLs, well-known token shapes), machine ids, boot ids and serials become "[redacted]".
// Strict: also host names, IP and MAC addresses, fabric GUIDs and UUIDs become pseudonyms such as "host-3f2a91b0c4",
// equal for equal input under the same policy key. Pure: results live in the caller's arena, nothing is kept.

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

#define REDACTED_TEXT "[redacted]"
#define REDACT_KEY_SIZE 32

enum redact_mode { REDACT_DEFAULT, REDACT_OFF, REDACT_STRICT };

struct redact_policy {
    enum redact_mode mode;
    unsigned char key[REDACT_KEY_SIZE]; // of the pseudonyms; strict only
    const char *const *host_names;      // what strict takes for a host name, besides names such as ip-10-0-0-1
    size_t host_name_count;
};

struct redaction {
    const char *text; // the argument itself when nothing was replaced
    const char *rule; // why; NULL: nothing was replaced
};

// A value that stands under a key ("token", "/proc/sys/net/ipv4/tcp_fastopen_key", "Environment").
struct redaction redact_value(const struct redact_policy *policy, struct arena *arena, const char *key,
                              const char *text);
// Text without a key, or a name: a kernel parameter may be a URL with a password.
struct redaction redact_text(const struct redact_policy *policy, struct arena *arena, const char *text);
// Words that belong together, such as a program's arguments or environment assignments: a secret may be a word of its
// own after "--token". Replaces items in place; returns the first rule that applied, NULL for none.
const char *redact_words(const struct redact_policy *policy, struct arena *arena, const char **words, size_t count);

// True when the value under this key is to be taken for a secret.
bool is_secret_key(const char *key, size_t key_length, const char *value);
