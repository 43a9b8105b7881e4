/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What ipmipower reads: a list of hosts in the first line, freeipmi.conf in the others. */
#include "base/secret.h"
#include "cli/context.h"
#include "cli/ipmipower.h"
#include "model/machine.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DIGITS_MAX = 2, BRACKETS_MAX = 2 };

/* Machines by the million are not what is tried here. */
static bool is_small(const char *hosts)
{
	unsigned digits = 0, brackets = 0;

	for (; *hosts; hosts++) {
		digits = *hosts >= '0' && *hosts <= '9' ? digits + 1 : 0;
		brackets += *hosts == '[';
		if (digits > DIGITS_MAX || brackets > BRACKETS_MAX)
			return false;
	}
	return true;
}

static void read_hosts(const char *hosts)
{
	const struct key *bmc = key_find("bmc");
	struct model *model = model_new();
	char buffer[VALUE_MAX], *bad = NULL;

	if (bmc && model && is_small(hosts) && !hosts_add(model, bmc, hosts, &bad, NULL)) {
		for (size_t i = 0; i < model->nmachines; i++) {
			if (!machine_value(&model->machines[i], bmc, 0, buffer))
				abort();
		}
	}
	free(bad);
	model_free(model);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *file;
	struct order order = {.privilege = "operator"};

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	file = strchr(text, '\n');
	if (file && memchr(text, '\0', (size_t)(file - text)) == NULL) {
		order_read_text(&order, file + 1, size - (size_t)(file + 1 - text), NULL);
		*file = '\0';
	}
	read_hosts(text);
	secret_drop(order.password);
	secret_drop(order.kg);
	free(text);
	return 0;
}
