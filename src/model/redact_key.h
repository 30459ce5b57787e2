// SPDX-License-Identifier: Apache-2.0
#pragma once

// Internal to redaction: what a key says about its value. See redact.h.

// The rule for keys whose value identifies a machine, a boot or a device; NULL for every other key.
const char *identifier_rule(const char *key);
