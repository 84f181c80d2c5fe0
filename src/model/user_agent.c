/* user_agent.c: the device and the browser of a User-Agent.
 *
 * Browsers name those that they want to be taken for: Edge says Chrome and Safari, Chrome says
 * Safari. So the order of the table decides.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/user_agent.h"

static const struct {
    const char *mark, *browser;
} browsers[] = {
    {"Edg", "Edge"},      {"Firefox", "Firefox"}, {"FxiOS", "Firefox"},
    {"Chrome", "Chrome"}, {"CriOS", "Chrome"},    {"Safari", "Safari"},
};

static bool has(struct slice text, const char *mark)
{
    return text.n > 0 && memmem(text.p, text.n, mark, strlen(mark)) != NULL;
}

struct slice user_agent_device(struct slice text)
{
    if (text.n == 0)
        return SLICE_NONE;
    if (has(text, "iPad") || has(text, "Tablet") || (has(text, "Android") && !has(text, "Mobile")))
        return SLICE("tablet");
    return has(text, "Mobi") ? SLICE("mobile") : SLICE("desktop");
}

struct slice user_agent_browser(struct slice text)
{
    if (text.n == 0)
        return SLICE_NONE;
    for (size_t i = 0; i < sizeof browsers / sizeof browsers[0]; i++) {
        if (has(text, browsers[i].mark))
            return slice_of(browsers[i].browser);
    }
    return SLICE("unknown");
}
