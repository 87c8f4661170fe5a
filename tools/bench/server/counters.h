/* What the server counts; `/__ctl` gives it and takes settings: see control.c. */
#ifndef COUNTERS_H
#define COUNTERS_H

#include <stdint.h>

#include "http.h"

#define OPERATIONS(each)                                                                                               \
    each(list) each(head) each(get) each(put) each(copy) each(delete) each(delete_many) each(create_upload)            \
    each(upload_part) each(copy_part) each(complete_upload) each(abort_upload) each(head_bucket) each(other)

enum operation {
#define EACH(name) DID_##name,
    OPERATIONS(EACH)
#undef EACH
    OPERATION_KINDS
};

struct counters {
    uint64_t requests[OPERATION_KINDS];
    uint64_t connections, continues, errors, received, sent;
    uint64_t lists_before; /* pages that were asked for before the first object was read, written or deleted */
    int open, most_open, serving, most_serving;
};

extern struct counters counters;

void control(const struct request *request, struct answer *answer);

#endif
