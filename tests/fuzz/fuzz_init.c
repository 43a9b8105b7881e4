/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What PID 1 reads: the kernel's command line and the ip= in it, and DHCP's answers. Names that come
 * from a server stay one line.
 */
#include "base/fault.h"
#include "init/dhcp_packet.h"
#include "init/label.h"
#include "init/setting.h"
#include "init/words.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_line(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct setting_wish wish;
	struct words_given words;
	struct fault fault;

	if (!text)
		return;
	memcpy(text, data, size);
	text[size] = '\0';
	words_read(text, &words, &fault);
	setting_read(words.ip, &wish, &fault);
	free(text);
}

static void read_answer(const uint8_t *data, size_t size)
{
	struct dhcp_question question = {.kind = DHCP_DISCOVER};
	struct dhcp_answer answer;
	uint8_t *packet = malloc(size);

	if (!packet)
		return;
	memcpy(packet, data, size);
	/* it is an answer to what was asked, so that more than its head is read */
	if (size >= 240) {
		memcpy(packet, "\x02\x01\x06", 3);
		memset(packet + 4, 0, 4);
		memset(packet + 28, 0, 6);
		memcpy(packet + 236, "\x63\x82\x53\x63", 4);
	}
	if (dhcp_read(packet, size, &question, &answer) &&
	    (strpbrk(answer.setting.domain, " \n;") || strpbrk(answer.setting.host, " \n;") ||
	     answer.renew > answer.rebind || answer.rebind > answer.lease))
		abort();
	free(packet);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char label[LABEL_SIZE];

	if (!size)
		return 0;
	if (data[0] & 1)
		read_line(data + 1, size - 1);
	else
		read_answer(data + 1, size - 1);
	label_read(data, size, label);
	return 0;
}
