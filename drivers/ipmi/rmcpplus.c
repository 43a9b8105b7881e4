/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The session wrapper of IPMI 2.0: section 13.6 (table 13-8, its IPMI 2.0 column), 13.28.4
 * (integrity), 13.29 (confidentiality).
 *
 *	authentication type 6 | payload type | session | sequence | length | payload | integrity
 *
 * An encrypted payload is an initialisation vector and the blocks of message | 1 2 3 … n | n. The
 * integrity trailer is padding (ff) | its length | next header (7) | code.
 */
#include "rmcpplus.h"

#include "lan.h"
#include "rmcp.h"

#include <errno.h>

enum {
	RMCP_SIZE = 4,
	HEADER_SIZE = 12,
	AUTH_MASK = 0x0f,
	TYPE_MASK = 0x3f, TYPE_OEM = 0x02, FLAG_AUTHENTICATED = 0x40, FLAG_ENCRYPTED = 0x80,
	INTEGRITY_PAD = 0xff, NEXT_HEADER = 0x07,
};

/* --- integrity ------------------------------------------------------------------------------ */

static size_t code_size(enum integrity_algorithm integrity)
{
	return integrity == INTEGRITY_NONE ? 0 : integrity == INTEGRITY_HMAC_SHA1_96 ? 12 : 16;
}

/* The code of all that lies between the RMCP header and the code. */
static int make_code(const struct suite *suite, const struct session_keys *keys,
		     struct view covered, uint8_t code[DIGEST_MAX])
{
	const struct view key = {keys->integrity, keys->integrity_length};

	switch (suite->integrity) {
	case INTEGRITY_HMAC_SHA1_96:
		return hmac_parts(HASH_SHA1, key, &covered, 1, code);
	case INTEGRITY_HMAC_MD5_128:
		return hmac_parts(HASH_MD5, key, &covered, 1, code);
	case INTEGRITY_HMAC_SHA256_128:
		return hmac_parts(HASH_SHA256, key, &covered, 1, code);
	case INTEGRITY_MD5_128:
		return hash_parts(HASH_MD5, (const struct view[]){key, covered, key}, 3, code);
	case INTEGRITY_NONE:
		break;
	}
	return -EIO;
}

/* How many bytes of padding make header, payload and the trailer's two bytes a multiple of 4. */
static size_t integrity_pad(size_t payload)
{
	return -(HEADER_SIZE + payload + 2) % 4;
}

static int sign(struct packet *p, const struct suite *suite, const struct session_keys *keys)
{
	size_t pad = integrity_pad(p->length - RMCP_SIZE - HEADER_SIZE);
	uint8_t code[DIGEST_MAX];
	int err;

	for (size_t i = 0; i < pad; i++)
		put8(p, INTEGRITY_PAD);
	put8(p, (uint8_t)pad);
	put8(p, NEXT_HEADER);
	if (p->overflow)
		return -EMSGSIZE;
	err = make_code(suite, keys, (struct view){p->bytes + RMCP_SIZE, p->length - RMCP_SIZE},
			code);
	if (!err)
		put_bytes(p, code, code_size(suite->integrity));
	return err;
}

/* payload: its length, the trailer is what lies behind it. */
static int check_signature(struct view packet, size_t payload, const struct suite *suite,
			   const struct session_keys *keys)
{
	size_t size = code_size(suite->integrity), pad = integrity_pad(payload);
	size_t covered = HEADER_SIZE + payload + pad + 2;
	uint8_t code[DIGEST_MAX];
	int err;

	if (packet.length != covered + size || packet.at[covered - 2] != pad)
		return -EPROTO;
	err = make_code(suite, keys, (struct view){packet.at, covered}, code);
	if (!err && !codes_equal(code, packet.at + covered, size))
		err = -EBADMSG;
	return err;
}

/* --- confidentiality ------------------------------------------------------------------------ */

static void put_plain(struct packet *p, struct view payload)
{
	size_t pad = -(payload.length + 1) % AES_BLOCK;

	put_bytes(p, payload.at, payload.length);
	for (size_t i = 0; i < pad; i++)
		put8(p, (uint8_t)(i + 1));
	put8(p, (uint8_t)pad);
}

static int put_encrypted(struct packet *p, const struct session_keys *keys, struct view payload)
{
	uint8_t iv[AES_BLOCK];
	size_t start;

	if (random_bytes(iv, sizeof(iv)))
		return -EIO;
	put_bytes(p, iv, sizeof(iv));
	start = p->length;
	put_plain(p, payload);
	if (p->overflow)
		return -EMSGSIZE;
	return aes_encrypt(keys->aes, iv, p->bytes + start, p->length - start);
}

/* Of bytes, makes the message in plain text. */
static int decrypt(uint8_t *bytes, size_t length, const struct session_keys *keys,
		   struct view *payload)
{
	uint8_t *plain = bytes + AES_BLOCK;
	size_t pad;

	if (length < 2 * AES_BLOCK || length % AES_BLOCK)
		return -EPROTO;
	length -= AES_BLOCK;
	if (aes_decrypt(keys->aes, bytes, plain, length))
		return -EIO;
	pad = plain[length - 1];
	if (pad >= AES_BLOCK)
		return -EPROTO;
	for (size_t i = 0; i < pad; i++) {
		if (plain[length - 1 - pad + i] != i + 1)
			return -EPROTO;
	}
	*payload = (struct view){plain, length - 1 - pad};
	return 0;
}

/* --- packets -------------------------------------------------------------------------------- */

static void put_header(struct packet *p, const struct rmcpplus_header *header)
{
	put8(p, AUTH_RMCPPLUS);
	put8(p, (uint8_t)(header->type | (header->authenticated ? FLAG_AUTHENTICATED : 0) |
			  (header->encrypted ? FLAG_ENCRYPTED : 0)));
	put32(p, header->session);
	put32(p, header->sequence);
}

int rmcpplus_encode(struct packet *p, const struct rmcpplus_header *header,
		    const struct suite *suite, const struct session_keys *keys,
		    struct view payload)
{
	size_t length_at, length;
	int err = 0;

	rmcp_begin(p, RMCP_IPMI);
	put_header(p, header);
	length_at = p->length;
	put16(p, 0);
	if (header->encrypted)
		err = put_encrypted(p, keys, payload);
	else
		put_bytes(p, payload.at, payload.length);
	length = p->length - length_at - 2;
	p->bytes[length_at] = (uint8_t)length;
	p->bytes[length_at + 1] = (uint8_t)(length >> 8);
	if (!err && header->authenticated)
		err = sign(p, suite, keys);
	return err ? err : p->overflow ? -EMSGSIZE : 0;
}

/* payload: the length that the header gives. */
static int header_decode(struct view v, struct rmcpplus_header *header, size_t *payload)
{
	const uint8_t *at = view_take(&v, HEADER_SIZE);

	if (!at || (at[0] & AUTH_MASK) != AUTH_RMCPPLUS || (at[1] & TYPE_MASK) == TYPE_OEM)
		return -EPROTO;
	*header = (struct rmcpplus_header){
		.type = at[1] & TYPE_MASK,
		.session = get32(at + 2),
		.sequence = get32(at + 6),
		.encrypted = at[1] & FLAG_ENCRYPTED,
		.authenticated = at[1] & FLAG_AUTHENTICATED,
	};
	*payload = get16(at + 10);
	if (*payload > v.length || (!header->authenticated && *payload != v.length))
		return -EPROTO;
	return 0;
}

int rmcpplus_peek(struct view v, struct rmcpplus_header *header)
{
	size_t payload;

	return header_decode(v, header, &payload);
}

int rmcpplus_open(uint8_t *bytes, size_t length, const struct suite *suite,
		  const struct session_keys *keys, struct rmcpplus_header *header,
		  struct view *payload)
{
	bool sealed = suite && suite->integrity != INTEGRITY_NONE;
	bool secret = suite && suite->confidentiality != CONFIDENTIALITY_NONE;
	size_t size;
	int err = header_decode((struct view){bytes, length}, header, &size);

	if (err)
		return err;
	if (sealed && !header->authenticated)
		return -EBADMSG;
	if (header->authenticated != sealed || header->encrypted != secret)
		return -EPROTO;
	if (sealed)
		err = check_signature((struct view){bytes, length}, size, suite, keys);
	if (err)
		return err;
	if (secret)
		return decrypt(bytes + HEADER_SIZE, size, keys, payload);
	*payload = (struct view){bytes + HEADER_SIZE, size};
	return 0;
}
