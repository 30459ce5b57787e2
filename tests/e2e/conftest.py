# SPDX-License-Identifier: Apache-2.0
"""Servers that several of the programs here talk to, each started once a session."""

from e2e.kube import kube_api  # noqa: F401 (a fixture)
