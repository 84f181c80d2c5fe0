/* metric.h: counters, gauges and histograms for /metrics (Prometheus text format 0.0.4).
 *
 * A series is made once, before the threads start, and lives until exit; adding to it is one
 * relaxed atomic. A family's HELP and TYPE come from its first series. Series that were never
 * touched are printed too, as 0, except those made `quiet`, which appear with their first value
 * (route × code).
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_BASE_METRIC_H
#define KVCRM_BASE_METRIC_H

#include "kvcrm/base/buf.h"

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metric;

/* family: "kvcrm_redis_commands_total"; labels: "route=\"/x\",code=\"200\"" or "". Both are copied.
 * Histograms take seconds as microseconds through metric_observe_us and print le buckets of
 * 0.0005 to 5 s. */
struct metric *metric_new(enum metric_kind kind, const char *family, const char *help,
                          const char *labels, bool quiet);
void metric_add(struct metric *m, int64_t v);
void metric_set(struct metric *m, int64_t v);
int64_t metric_get(const struct metric *m);
void metric_observe_us(struct metric *m, int64_t us);
/* The whole page, families in order of their names. */
void metric_print(struct buf *out);

#endif
