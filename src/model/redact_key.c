// SPDX-License-Identifier: Apache-2.0
#include "model/redact_key.h"
#include "base/text.h"
#include "model/redact.h"

#include <ctype.h>
#include <strings.h>

#define WORD_SIZE 32
#define WORDS_MAXIMUM 24
#define COMPACT_SIZE 512

// Anywhere in the key, separators and case ignored: the value is a secret unless it is a switch.
static const char *const strong[] = {
    "password",  "passwd",     "passphrase", "secret",        "token",     "credential", "apikey",
    "accesskey", "privatekey", "authkey",    "encryptionkey", "sharedkey", "signingkey", "bearer",
};

// As a whole word: the value is a secret unless it is a switch, a number, or the key says that it is about something
// else (auth-mode, key-size).
static const char *const weak[] = {"auth", "authorization", "psk", "cred", "creds", "authentication"};

// As the last word only: PassEnvironment, key_type and pwd_dir are about something else.
static const char *const weak_last[] = {"key", "pass", "pwd", "sig", "signature"};

// As the last word: who signs in, with the password behind a colon (curl --user name:password).
static const char *const login[] = {"u", "user", "username", "userpwd", "login"};

static const char *const about[] = {
    "mode", "type",  "enable", "enabled",  "disable", "method", "algorithm", "alg", "size", "count",
    "ttl",  "limit", "period", "interval", "timeout", "max",    "min",       "url", "name", "required",
};

static const char *const place[] = {"file", "files", "path", "paths", "dir", "directory", "socket"};

static const char *const switches[] = {"0",    "1",    "true", "false",   "yes",    "no",       "on",      "off",
                                       "none", "null", "any",  "enabled", "enable", "disabled", "disable", "(null)"};

struct words {
    char text[WORDS_MAXIMUM][WORD_SIZE];
    size_t count;
};

static bool is_one_of(const char *word, const char *const *list, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(word, list[i]) == 0)
            return true;
    return false;
}
#define IS_ONE_OF(word, list) is_one_of((word), (list), ARRAY_SIZE(list))

// The last words of a key, lower-case: cut at everything that is no letter or digit, and before a capital that follows
// a small letter. Words beyond the room drop the earliest, because the end of a key says most.
static void split_words(const char *key, size_t length, struct words *words) {
    words->count = 0;
    for (size_t i = 0; i < length;) {
        while (i < length && !isalnum((unsigned char)key[i]))
            i++;
        size_t start = i;
        while (i < length && isalnum((unsigned char)key[i]) &&
               !(i > start && isupper((unsigned char)key[i]) && islower((unsigned char)key[i - 1])))
            i++;
        if (i == start)
            continue;
        if (words->count == WORDS_MAXIMUM) {
            memmove(words->text[0], words->text[1], sizeof words->text - sizeof words->text[0]);
            words->count--;
        }
        char *word = words->text[words->count++];
        size_t size = MIN(i - start, (size_t)WORD_SIZE - 1);
        memcpy(word, key + start, size);
        word[size] = '\0';
        str_lower(word);
    }
}

static bool contains_strong(const char *key, size_t length) {
    char compact[COMPACT_SIZE];
    size_t used = 0;
    size_t start = length > sizeof compact ? length - sizeof compact + 1 : 0;
    for (size_t i = start; i < length && used < sizeof compact - 1; i++)
        if (isalnum((unsigned char)key[i]))
            compact[used++] = (char)tolower((unsigned char)key[i]);
    compact[used] = '\0';
    for (size_t i = 0; i < ARRAY_SIZE(strong); i++)
        if (strstr(compact, strong[i]))
            return true;
    return false;
}

static bool contains_weak(const struct words *words) {
    const char *last = words->text[words->count - 1];
    if (IS_ONE_OF(last, weak_last))
        return true;
    for (size_t i = 0; i < words->count; i++)
        if (IS_ONE_OF(words->text[i], weak))
            return !IS_ONE_OF(last, about);
    return false;
}

static bool is_number(const char *text) {
    return *text && strspn(text, "0123456789") == strlen(text);
}

static bool is_login(const char *last_word, const char *value) {
    size_t name = 0;
    while (isalnum((unsigned char)value[name]) || (value[name] && strchr("._-", value[name])))
        name++;
    const char *password = value + name + 1;
    return IS_ONE_OF(last_word, login) && name && value[name] == ':' && *password && *password != '/' &&
           !is_number(password);
}

bool is_secret_key(const char *key, size_t key_length, const char *value) {
    struct words words;
    split_words(key, key_length, &words);
    if (!words.count || !*value || IS_ONE_OF(value, switches) || strcmp(value, "[]") == 0)
        return false;
    if (IS_ONE_OF(words.text[words.count - 1], place) && (*value == '/' || *value == '@'))
        return false;
    if (contains_strong(key, key_length))
        return true;
    return is_login(words.text[words.count - 1], value) ||
           (contains_weak(&words) && !(is_number(value) && strlen(value) < 6));
}

static bool ends_in(const char *compact, size_t used, const char *name) {
    size_t length = strlen(name);
    return used >= length && memcmp(compact + used - length, name, length) == 0;
}

const char *identifier_rule(const char *key) {
    static const struct {
        const char *end, *rule;
    } ends[] = {
        {"bootid", "boot-id"},          {"machineid", "machine-id"},     {"productuuid", "machine-id"},
        {"kernelrandomuuid", "random"}, {"systemuuid", "machine-id"},    {"serialnumber", "serial"},
        {"serial", "serial"},           {"chassisserial", "serial"},     {"invocationid", "boot-id"},
        {"hostid", "machine-id"},       {"initiatorname", "machine-id"}, {"hostnqn", "machine-id"},
    };
    char compact[64];
    size_t used = 0, length = strlen(key);
    for (size_t i = length > sizeof compact ? length - sizeof compact : 0; i < length; i++)
        if (isalnum((unsigned char)key[i]))
            compact[used++] = (char)tolower((unsigned char)key[i]);
    for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
        if (ends_in(compact, used, ends[i].end))
            return ends[i].rule;
    return NULL;
}
