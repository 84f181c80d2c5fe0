/* whatsapp_receive.h: the counters of the WhatsApp webhook.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_WHATSAPP_RECEIVE_H
#define KVCRM_OPS_WHATSAPP_RECEIVE_H

/* Makes them; once, before the threads start. */
void whatsapp_receive_init(void);

#endif
