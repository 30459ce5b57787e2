// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "base/text.h"
#include "model/redact.h"

static const struct redact_policy default_policy = {.mode = REDACT_DEFAULT};
static const struct redact_policy off_policy = {.mode = REDACT_OFF};

struct pair {
    const char *key, *value;
};

static void test_keys_of_secrets(void **state _unused_) {
    static const struct pair secrets[] = {
        {"token", "abc"},
        {"API_TOKEN", "abc"},
        {"authToken", "abc"},
        {"password", "12345"},
        {"rootpasswd", "x"},
        {"systemd.set_credential", "x:y"},
        {"client-secret", "s"},
        {"key", "a1b2c3"},
        {"rd.luks.key", "a1b2c3"},
        {"/proc/sys/net/ipv4/tcp_fastopen_key", "1-2-3-4"},
        {"/proc/sys/net/ipv6/conf/all/stable_secret", "2001:db8::1"},
        {"wifi.psk", "hunter22"},
        {"db_pass", "hunter22"},
        {"AWS_SECRET_ACCESS_KEY", "x/y"},
        {"auth", "user:word"},
        {"token-file", "not-a-path"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(secrets); i++)
        if (!is_secret_key(secrets[i].key, strlen(secrets[i].key), secrets[i].value))
            fail_msg("%s=%s is a secret", secrets[i].key, secrets[i].value);
}

static void test_keys_of_no_secrets(void **state _unused_) {
    static const struct pair harmless[] = {
        {"hugepages", "5128"},
        {"KeyringMode", "private"},
        {"PassEnvironment", "[HTTP_PROXY]"},
        {"iommu.passthrough", "1"},
        {"/proc/sys/dev/mac_hid/mouse_button2_keycode", "97"},
        {"/proc/sys/kernel/keys/maxkeys", "200"},
        {"/proc/sys/net/sctp/auth_enable", "1"},
        {"authorization-mode", "Webhook"},
        {"authentication-token-webhook", "true"},
        {"tls-private-key-file", "/etc/kubernetes/pki/key.pem"},
        {"token-file", "/var/run/token"},
        {"crashkernel", "1G-4G:192M"},
        {"token", ""},
        {"monkey", "banana"},
        {"SmackProcessLabel", "[false ]"},
        {"AuthorName", "somebody"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(harmless); i++)
        if (is_secret_key(harmless[i].key, strlen(harmless[i].key), harmless[i].value))
            fail_msg("%s=%s is no secret", harmless[i].key, harmless[i].value);
}

static void test_text(void **state _unused_) {
    static const struct {
        const char *before, *after;
    } texts[] = {
        {"/usr/bin/kubelet --token=abc --v=2", "/usr/bin/kubelet --token=[redacted] --v=2"},
        {"run --password hunter2 --v 2", "run --password [redacted] --v 2"},
        {"[A=1 API_TOKEN=x,y B=2]", "[A=1 API_TOKEN=[redacted] B=2]"},
        {"TOKEN=\"two words\" B=2", "TOKEN=[redacted] B=2"},
        {"{\"password\": \"two words\", \"a\": 1}", "{\"password\": [redacted], \"a\": 1}"},
        {"proxy http://user:word@proxy:3128/x", "proxy http://[redacted]@proxy:3128/x"},
        {"git clone ssh://git@example.com/x", "git clone ssh://git@example.com/x"},
        {"https://host/?a=1&token=abc", "https://host/?a=1&token=[redacted]"},
        {"Authorization: Bearer abcdefgh.ijk", "Authorization: [redacted] [redacted]"},
        {"header Bearer abcdefgh", "header Bearer [redacted]"},
        {"id AKIAABCDEFGHIJKLMNOP end", "id [redacted] end"},
        {"x ghp_0123456789abcdefghij0123 y", "x [redacted] y"},
        {"a -----BEGIN RSA PRIVATE KEY----- b", "[redacted]"},
        {"http://user:wo/rd@proxy:3128/x", "http://[redacted]@proxy:3128/x"},
        {"http://host:8080/a@b", "http://host:8080/a@b"},
        {"http://[fe80::1]/a@b", "http://[fe80::1]/a@b"},
        {"iscsi:user:word@192.0.2.1::::iqn", "iscsi:[redacted]@192.0.2.1::::iqn"},
        {"//user:word@host/share", "//user:[redacted]@host/share"},
        {"nginx:1.29@sha256:00ff", "nginx:1.29@sha256:00ff"},
        {"192.0.2.1@tcp:192.0.2.2@tcp:/fsx", "192.0.2.1@tcp:192.0.2.2@tcp:/fsx"},
        {"unix:@/run/x host:/a@b user@0.service", "unix:@/run/x host:/a@b user@0.service"},
        {"https://host/?sv=1&sig=ab%2Fcd%3D", "https://host/?sv=1&sig=[redacted]"},
        {"x-amz-signature=00ff00ff", "x-amz-signature=[redacted]"},
        {"curl -u name:word --user=name:word x", "curl -u [redacted] --user=[redacted] x"},
        {"run --user 1000:1000 -u name", "run --user 1000:1000 -u name"},
        {"password = hunter2 a = b", "password = [redacted] a = b"},
        {"{\\\"auth\\\":\\\"word\\\"}", "{\\\"auth\\\":[redacted]\"}"},
        {"token:word", "token:[redacted]"},
        {"x AIza0123456789012345678901234567890123 y", "x [redacted] y"},
        {"password:", "password:"},
        {"token=", "token="},
        {"rw,relatime,discard", "rw,relatime,discard"},
        {"570.133.20", "570.133.20"},
        {"GPU-11111111-2222-4333-8444-000000000001", "GPU-11111111-2222-4333-8444-000000000001"},
        {"4096\t87380\t268435456", "4096\t87380\t268435456"},
    };
    _cleanup_arena_ struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        struct redaction redaction = redact_text(&default_policy, arena, texts[i].before);
        assert_string_equal(redaction.text, texts[i].after);
        assert_int_equal(redaction.rule == NULL, strcmp(texts[i].before, texts[i].after) == 0);
        assert_string_equal(redact_text(&off_policy, arena, texts[i].before).text, texts[i].before);
    }
}

static void test_identifiers(void **state _unused_) {
    static const struct pair rules[] = {
        {"/proc/sys/kernel/random/boot_id", "boot-id"}, {"systemd.machine_id", "machine-id"}, {"serial", "serial"},
        {"/proc/sys/kernel/random/uuid", "random"},     {"product_uuid", "machine-id"},
    };
    _cleanup_arena_ struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
        struct redaction redaction = redact_value(&default_policy, arena, rules[i].key, "some value");
        assert_string_equal(redaction.text, REDACTED_TEXT);
        assert_string_equal(redaction.rule, rules[i].value);
    }
    assert_null(redact_value(&default_policy, arena, "uuid", "GPU-1").rule);
    assert_null(redact_value(&default_policy, arena, "/proc/sys/kernel/hostname", "node7").rule);
}

static void test_words(void **state _unused_) {
    const char *words[] = {"kubelet",      "--token", "two words",    "--key=a b",
                           "PASSWORD=x y", "--v=2",   "--token-file", "/x"};
    _cleanup_arena_ struct arena *arena = arena_new();
    assert_string_equal(redact_words(&default_policy, arena, words, ARRAY_SIZE(words)), "secret-key");
    assert_string_equal(words[1], "--token");
    assert_string_equal(words[2], REDACTED_TEXT);
    assert_string_equal(words[3], "--key=" REDACTED_TEXT);
    assert_string_equal(words[4], "PASSWORD=" REDACTED_TEXT);
    assert_string_equal(words[5], "--v=2");
    assert_string_equal(words[7], "/x");
}

static void test_strict(void **state _unused_) {
    static const char *const names[] = {"node7.example.com", ""};
    struct redact_policy policy = {.mode = REDACT_STRICT, .key = {1}, .host_names = names, .host_name_count = 2};
    static const char *const hidden[] = {
        "192.0.2.7",         "2001:db8::7", "a0:88:c2:03:ab:cd",          "a088:c203:00ab:cd10",
        "node7.example.com", "NODE7",       "ip-10-0-158-18.ec2.internal"};
    static const char *const kept[] = {"0.0.0.0",      "127.0.0.1", "::1",      "570.133.20",      "96.00.BC.00.01",
                                       "0000:53:00.0", "node77",    "12:30:45", "255.255.255.255", "28.39.1002"};
    _cleanup_arena_ struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_SIZE(hidden); i++) {
        const char *once = redact_text(&policy, arena, hidden[i]).text;
        assert_null(strstr(once, hidden[i]));
        const char *around = arena_printf(arena, "a=%s,b", hidden[i]);
        const char *expected = arena_printf(arena, "a=%s,b", once);
        assert_string_equal(redact_text(&policy, arena, around).text, expected); // the same in every place
    }
    for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
        assert_string_equal(redact_text(&policy, arena, kept[i]).text, kept[i]);
    // Addresses in lists with colons, and other hosts by their place.
    static const char *const leaking[] = {"10.2.3.4::10.2.3.1:255.255.255.0:node7:eth0:off",
                                          "10.1.1.1@tcp:10.1.1.2@tcp:/fsx",
                                          "10.1.1.3:6789,10.1.1.4:6789:/",
                                          "https://boot10.example.com:8443/ks",
                                          "nas10.example.com:/export",
                                          "//nas10.example.com/share",
                                          "http://u:pw@boot10.example.com/"};
    for (size_t i = 0; i < ARRAY_SIZE(leaking); i++) {
        const char *text = redact_text(&policy, arena, leaking[i]).text;
        static const char *const parts[] = {"10.", "node7", "nas", "boot", "example"};
        for (size_t j = 0; j < ARRAY_SIZE(parts); j++)
            if (strstr(text, parts[j]))
                fail_msg("%s leaks %s: %s", leaking[i], parts[j], text);
    }
    static const char *const harmless[] = {"unix:/run/x.sock",     "unix:///run/x.sock", "/usr/bin:/bin",
                                           "http://localhost:80/", "http://127.0.0.1/",  "overlay",
                                           "0::/system.slice"};
    for (size_t i = 0; i < ARRAY_SIZE(harmless); i++)
        assert_string_equal(redact_text(&policy, arena, harmless[i]).text, harmless[i]);
    // One host, one pseudonym, by its full and its short name.
    assert_string_equal(redact_text(&policy, arena, "node7").text,
                        redact_text(&policy, arena, "node7.example.com").text);
    struct redact_policy other = policy;
    other.key[0] = 2;
    assert_string_not_equal(redact_text(&policy, arena, "192.0.2.7").text,
                            redact_text(&other, arena, "192.0.2.7").text);
    assert_null(strstr(redact_text(&policy, arena, "GPU-11111111-2222-4333-8444-000000000001").text, "11111111"));
    assert_null(strstr(redact_text(&policy, arena, "net/conf/enxa088c203abcd/mtu").text, "a088c203abcd"));
    const char *with_port = redact_text(&policy, arena, "192.0.2.7:6443").text;
    assert_true(str_has_prefix(with_port, "ip-") && str_has_suffix(with_port, ":6443"));
}

// Time grows with the length of a text, whatever stands in it: a long row of signs is no reason to wait.
static void test_long_texts(void **state _unused_) {
    static const char *const patterns[] = {"a=",   "a:", "sk-",    "eyJ", "://",    "--a ", "a:b@", "://a:b/",
                                           "\\= ", "@",  "token=", "\"",  "a@b://", "enx",  "::"};
    static const struct redact_policy strict = {.mode = REDACT_STRICT, .key = {1}};
    for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
        _cleanup_arena_ struct arena *arena = arena_new();
        _cleanup_text_ struct text text = {0};
        while (text.length < 100000)
            text_add(&text, patterns[i]);
        redact_text(&strict, arena, text_str(&text)); // what grows with the square runs into the runner's time limit
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_of_secrets),
        cmocka_unit_test(test_keys_of_no_secrets),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_identifiers),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_strict),
        cmocka_unit_test(test_long_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
