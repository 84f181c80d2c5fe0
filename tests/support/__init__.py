"""What the tests share: private Redis servers, services, HTTP clients, time, the audit of keys.

SPDX-License-Identifier: MIT
"""
