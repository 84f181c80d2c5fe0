/* headers.c: reading request headers and adding answer headers, by slices.
 *
 * SPDX-License-Identifier: MIT */
#include "headers.h"

struct slice header_get(const h2o_req_t *req, struct slice name)
{
    const h2o_headers_t *headers = &req->headers;

    for (size_t i = 0; i < headers->size; i++) {
        const h2o_iovec_t *have = headers->entries[i].name;
        if (have->len == name.n && memcmp(have->base, name.p, name.n) == 0)
            return (struct slice){headers->entries[i].value.base, headers->entries[i].value.len};
    }
    return SLICE_NONE;
}

void header_add(h2o_req_t *req, struct slice name, struct slice value)
{
    h2o_add_header_by_str(&req->pool, &req->res.headers, name.p, name.n, 0, NULL, value.p, value.n);
}
