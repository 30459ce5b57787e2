// SPDX-License-Identifier: Apache-2.0
#include "io/http.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/text.h"
#include "doc/event.h"
#include "io/curl.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#define DEFAULT_TIMEOUT_S 30
#define CONNECT_TIMEOUT_MS 10000L
#define REDIRECT_LIMIT 5
#define SIZE_LIMIT DOC_DEFAULT_SIZE_LIMIT
// Reading ahead stops here until the reader has caught up, so that memory does not depend on the size of the answer.
#define BUFFER_LIMIT ((size_t)256 * 1024)

struct http {
    const struct curl_library *curl;
    CURL *easy;
    CURLM *multi;
    char *shown; // the address without secrets
    struct text buffer;
    size_t position; // of the first byte in the buffer that was not read
    size_t received;
    uint64_t deadline_ns;
    bool is_paused, is_done;
    CURLcode result;
    char detail[CURL_ERROR_SIZE];
};

static void http_close(void *context) {
    struct http *http = context;
    if (http->multi && http->easy)
        http->curl->multi_remove_handle(http->multi, http->easy);
    if (http->easy)
        http->curl->easy_cleanup(http->easy);
    if (http->multi)
        http->curl->multi_cleanup(http->multi);
    text_done(&http->buffer);
    free(http->shown);
    free(http);
}
DEFINE_CLEANUP(struct http *, http, http_close)

static size_t receive(char *bytes, size_t size, size_t count, void *context) {
    struct http *http = context;
    size_t length = size * count;
    if (http->buffer.length - http->position >= BUFFER_LIMIT) {
        http->is_paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    if (length > SIZE_LIMIT - http->received)
        return 0; // ends the transfer with CURLE_WRITE_ERROR
    http->received += length;
    text_add_bytes(&http->buffer, bytes, length);
    return length;
}

static uint64_t timeout_ns(void) {
    const char *text = getenv("CNS_HTTP_TIMEOUT");
    char *end;
    errno = 0;
    unsigned long seconds = text ? strtoul(text, &end, 10) : 0;
    if (!text || end == text || *end || errno || seconds == 0 || seconds > 24 * 3600)
        seconds = DEFAULT_TIMEOUT_S;
    return seconds * UINT64_C(1000000000);
}

static const char *certificate_bundle(void) {
    const char *bundle = getenv("CURL_CA_BUNDLE");
    return str_is_empty(bundle) ? getenv("SSL_CERT_FILE") : bundle;
}

static long remaining_ms(const struct http *http) {
    uint64_t now = clock_monotonic_ns();
    return now >= http->deadline_ns ? 1L : (long)((http->deadline_ns - now) / 1000000) + 1;
}

static bool set_options(struct http *http, const char *url) {
    __typeof__(curl_easy_setopt) *set = http->curl->easy_setopt;
    CURL *easy = http->easy;
    const char *bundle = certificate_bundle();
    return set(easy, CURLOPT_URL, url) == CURLE_OK && set(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           set(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           set(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           set(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
           set(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK && set(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
           (str_is_empty(bundle) || set(easy, CURLOPT_CAINFO, bundle) == CURLE_OK) &&
           set(easy, CURLOPT_TIMEOUT_MS, remaining_ms(http)) == CURLE_OK &&
           set(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS) == CURLE_OK &&
           set(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)SIZE_LIMIT) == CURLE_OK &&
           set(easy, CURLOPT_USERAGENT, "cnsctl/" CNS_VERSION) == CURLE_OK &&
           set(easy, CURLOPT_ERRORBUFFER, http->detail) == CURLE_OK &&
           set(easy, CURLOPT_WRITEFUNCTION, receive) == CURLE_OK && set(easy, CURLOPT_WRITEDATA, http) == CURLE_OK;
}

static const struct failure {
    CURLcode result;
    enum error_code code;
    const char *hint;
} failures[] = {
    {CURLE_COULDNT_RESOLVE_HOST, ERROR_UNAVAILABLE, "check the host's name and the name servers of this machine"},
    {CURLE_COULDNT_RESOLVE_PROXY, ERROR_UNAVAILABLE, "check the proxy in http_proxy, https_proxy or ALL_PROXY"},
    {CURLE_COULDNT_CONNECT, ERROR_UNAVAILABLE, "check that the server runs and that nothing blocks the way to it"},
    {CURLE_OPERATION_TIMEDOUT, ERROR_TIMEOUT, "CNS_HTTP_TIMEOUT=SECONDS allows more time"},
    {CURLE_PEER_FAILED_VERIFICATION, ERROR_DENIED,
     "SSL_CERT_FILE or CURL_CA_BUNDLE can name a file with the certificate authority that you trust"},
    {CURLE_SSL_CACERT_BADFILE, ERROR_NOT_FOUND, "check SSL_CERT_FILE and CURL_CA_BUNDLE"},
    {CURLE_PARTIAL_FILE, ERROR_UNAVAILABLE, "the connection ended before the whole document had come; try again"},
    {CURLE_URL_MALFORMAT, ERROR_INVALID, NULL},
    {CURLE_UNSUPPORTED_PROTOCOL, ERROR_INVALID, NULL},
    {CURLE_FILESIZE_EXCEEDED, ERROR_LIMIT, NULL},
    {CURLE_OUT_OF_MEMORY, ERROR_INTERNAL, NULL},
};

static int transfer_error(const struct http *http, struct error **err) {
    if (http->result == CURLE_FILESIZE_EXCEEDED || (http->result == CURLE_WRITE_ERROR && !http->is_paused))
        return error_set(err, ERROR_LIMIT, "%s: the document is larger than the limit of %zu MiB", http->shown,
                         SIZE_LIMIT >> 20);
    const struct failure *known = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(failures) && !known; i++)
        if (failures[i].result == http->result)
            known = &failures[i];
    const char *detail = *http->detail ? http->detail : http->curl->easy_strerror(http->result);
    error_set(err, known ? known->code : ERROR_UNAVAILABLE, "%s: cannot be read: %s", http->shown, detail);
    return known && known->hint ? error_hint(err, "%s", known->hint) : -(int)(*err)->code;
}

static void note_result(struct http *http) {
    int left;
    CURLMsg *message;
    while ((message = http->curl->multi_info_read(http->multi, &left)))
        if (message->msg == CURLMSG_DONE) {
            http->is_done = true;
            http->result = message->data.result;
        }
}

// Until there are bytes to read or the transfer is over.
static int pump(struct http *http, struct error **err) {
    while (http->position == http->buffer.length && !http->is_done) {
        text_truncate(&http->buffer, 0);
        http->position = 0;
        if (http->is_paused) {
            http->is_paused = false;
            http->curl->easy_pause(http->easy, CURLPAUSE_CONT);
        }
        int running;
        CURLMcode result = http->curl->multi_perform(http->multi, &running);
        note_result(http);
        if (result == CURLM_OK && http->buffer.length == 0 && !http->is_done)
            result = http->curl->multi_poll(http->multi, NULL, 0, 1000, NULL);
        if (result != CURLM_OK)
            return error_set(err, ERROR_INTERNAL, "%s: cannot be read: libcurl error %d", http->shown, (int)result);
    }
    return 0;
}

static ssize_t http_read(void *context, char *buffer, size_t size, struct error **err) {
    struct http *http = context;
    int r = pump(http, err);
    if (r < 0)
        return r;
    size_t available = http->buffer.length - http->position;
    if (available == 0)
        return http->result == CURLE_OK ? 0 : transfer_error(http, err);
    size_t length = MIN(available, size);
    memcpy(buffer, http->buffer.bytes + http->position, length);
    http->position += length;
    return (ssize_t)length;
}

static enum error_code code_of_status(long status) {
    switch (status) {
    case 401:
    case 403:
    case 407:
        return ERROR_DENIED;
    case 404:
    case 410:
        return ERROR_NOT_FOUND;
    case 408:
    case 504:
        return ERROR_TIMEOUT;
    default:
        return status >= 400 && status < 500 && status != 429 ? ERROR_INVALID : ERROR_UNAVAILABLE;
    }
}

static int start(struct http *http, const char *url, struct error **err) {
    http->easy = http->curl->easy_init();
    http->multi = http->curl->multi_init();
    if (!http->easy || !http->multi)
        return error_set(err, ERROR_INTERNAL, "%s: libcurl does not start", http->shown);
    if (!set_options(http, url))
        return error_set(err, ERROR_UNAVAILABLE, "%s: this libcurl is too old (7.85 or newer is needed)", http->shown);
    if (http->curl->multi_add_handle(http->multi, http->easy) != CURLM_OK)
        return error_set(err, ERROR_INTERNAL, "%s: libcurl does not start", http->shown);
    return pump(http, err);
}

// One request. *ret_redirect is where the server sends us instead, to be freed by the caller.
static int request(const struct curl_library *curl, const char *url, uint64_t deadline_ns, struct byte_stream *ret,
                   char **ret_redirect, struct error **err) {
    _cleanup_(http_cleanup) struct http *http = xcalloc(1, sizeof *http);
    http->curl = curl;
    http->shown = location_shown(url);
    http->deadline_ns = deadline_ns;
    int r = start(http, url, err);
    if (r < 0)
        return r;
    if (http->is_done && http->result != CURLE_OK && http->buffer.length == 0)
        return transfer_error(http, err);
    long status = 0;
    char *redirect = NULL;
    curl->easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &status);
    curl->easy_getinfo(http->easy, CURLINFO_REDIRECT_URL, &redirect);
    if (status / 100 == 3 && redirect) {
        *ret_redirect = xstrdup(redirect);
        return 0;
    }
    if (status != 200)
        return error_set(err, code_of_status(status), "%s: the server answered with status %ld", http->shown, status);
    *ret = (struct byte_stream){.read = http_read, .close = http_close, .context = TAKE_PTR(http)};
    return 0;
}

static int check_redirect(const char *from, const char *to, struct error **err) {
    bool is_http = strncasecmp(to, "http://", 7) == 0, is_https = strncasecmp(to, "https://", 8) == 0;
    if (is_https || (is_http && strncasecmp(from, "https://", 8) != 0))
        return 0;
    _cleanup_free_ char *shown_from = location_shown(from), *shown_to = location_shown(to);
    return error_set(err, ERROR_DENIED, "%s: redirects to %s, which is not followed: %s", shown_from, shown_to,
                     is_http ? "it leaves https" : "it is neither http nor https");
}

int http_open(const char *location, struct byte_stream *ret, struct error **err) {
    const struct curl_library *curl;
    int r = curl_library_load(&curl, err);
    if (r < 0) {
        _cleanup_free_ char *shown = location_shown(location);
        return error_prefix(err, "%s", shown);
    }
    uint64_t deadline_ns = clock_monotonic_ns() + timeout_ns();
    _cleanup_free_ char *url = xstrdup(location);
    for (unsigned redirects = 0; redirects <= REDIRECT_LIMIT; redirects++) {
        _cleanup_free_ char *redirect = NULL;
        r = request(curl, url, deadline_ns, ret, &redirect, err);
        if (r < 0 || !redirect)
            return r;
        r = check_redirect(url, redirect, err);
        if (r < 0)
            return r;
        free(url);
        url = TAKE_PTR(redirect);
    }
    _cleanup_free_ char *shown = location_shown(location);
    return error_set(err, ERROR_LIMIT, "%s: more than %d redirects", shown, REDIRECT_LIMIT);
}
