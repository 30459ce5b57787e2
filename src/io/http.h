// SPDX-License-Identifier: Apache-2.0
#pragma once

// Reading http:// and https:// as a stream. libcurl is loaded when first used; certificates are verified (TLS 1.2 or
// newer; CURL_CA_BUNDLE or SSL_CERT_FILE name another bundle), proxies follow curl's environment variables. The whole
// transfer, redirects included, has 30 seconds (CNS_HTTP_TIMEOUT: seconds) and 256 MiB. At most five redirects, to
// http or https only and never from https to http.

#include "io/scheme.h"

// Returns once the server has answered with status 200; everything else is an error that tells the status.
int http_open(const char *location, struct byte_stream *ret, struct error **err) _must_use_;
