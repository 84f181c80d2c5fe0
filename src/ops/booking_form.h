/* booking_form.h: the ten fields of the booking form (seed 000), as its views name them.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_BOOKING_FORM_H
#define KVCRM_OPS_BOOKING_FORM_H

/* In the document's order; NULL at the end. selectedPackId is JSON in a lead's record, the others
 * are texts. */
extern const char *const booking_form_fields[];

#endif
