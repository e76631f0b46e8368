/* SPDX-License-Identifier: MIT */
/* redact.c - keeps secrets out of what is recorded and printed */
#include "model/redact.h"

#include <ctype.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/enc.h"
#include "base/strv.h"

/* Shorter values would be found in what is none of them. */
enum { SECRET_MIN = 8 };

static const char *const secret_words[] = {
    "password", "passwd",      "passphrase", "pwd",       "secret",
    "secrets",  "token",       "apikey",     "auth",      "credential",
    "bearer",   "credentials", "privatekey", "accesskey", "authorization",
};

/* How tokens of well-known services begin, and their least length. */
static const struct {
	const char *prefix;
	size_t min;
} token_shapes[] = {
    {"ghp_", 30}, {"gho_", 30},   {"ghs_", 30},        {"ghu_", 30},
    {"ghr_", 30}, {"glpat-", 20}, {"github_pat_", 30}, {"AKIA", 20},
    {"ASIA", 20}, {"xoxb-", 20},  {"xoxp-", 20},       {"sk-", 24},
    {"hf_", 24},  {"dapi", 32},   {"eyJhbGci", 40},    {"pypi-", 40},
    {"npm_", 30}, {"AIza", 35},   {"ya29.", 30},
};

/* What redact_learn_environment() has found. */
static struct strv learned;

void
redact_url(struct buf *to, const char *url)
{
	const char *scheme = strstr(url, "://");
	const char *host = scheme ? scheme + 3 : NULL;
	size_t len = host ? strcspn(host, "/?#") : 0;
	const char *at = host ? memrchr(host, '@', len) : NULL;

	if (!at) {
		buf_adds(to, url);
		return;
	}
	buf_add(to, url, (size_t)(host - url));
	buf_adds(to, at + 1);
}

void
redact_password(struct buf *to, const char *url)
{
	const char *scheme = strstr(url, "://");
	const char *user = scheme ? scheme + 3 : NULL;
	size_t len = user ? strcspn(user, "/?#") : 0;
	const char *at = user ? memrchr(user, '@', len) : NULL;
	const char *colon = at ? memchr(user, ':', (size_t)(at - user)) : NULL;

	if (!colon) {
		buf_adds(to, url);
		return;
	}
	buf_add(to, url, (size_t)(colon + 1 - url));
	buf_addf(to, REDACTED "%s", at);
}

static bool
is_secret_word(const char *word, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(secret_words); i++)
		if (strlen(secret_words[i]) == len &&
		    !strncasecmp(secret_words[i], word, len))
			return true;
	return false;
}

/* Where the word that starts at 's' ends: at a separator or change of case. */
static size_t
word_len(const char *s)
{
	size_t n = 0;

	while (isalnum((unsigned char)s[n])) {
		if (n && isupper((unsigned char)s[n]) &&
		    islower((unsigned char)s[n - 1]))
			break;
		n++;
	}
	return n;
}

bool
redact_is_secret_name(const char *name)
{
	static const char *const pairs[][2] = {
	    {"api", "key"},    {"access", "key"},  {"private", "key"},
	    {"secret", "key"}, {"account", "key"},
	};
	const char *last = NULL;
	size_t last_len = 0;

	while (*name) {
		size_t len = word_len(name);

		if (!len) {
			name++;
			continue;
		}
		if (is_secret_word(name, len))
			return true;
		for (size_t i = 0; last && i < ARRAY_LEN(pairs); i++)
			if (strlen(pairs[i][0]) == last_len &&
			    !strncasecmp(pairs[i][0], last, last_len) &&
			    strlen(pairs[i][1]) == len &&
			    !strncasecmp(pairs[i][1], name, len))
				return true;
		last = name;
		last_len = len;
		name += len;
	}
	return false;
}

void
redact_learn_environment(void)
{
	strv_free(&learned);
	for (char **e = environ; *e; e++) {
		const char *value = strchr(*e, '=');
		cleanup_free char *name =
		    value ? mem_ndup(*e, (size_t)(value - *e)) : NULL;

		if (value && *++value != '/' && strlen(value) >= SECRET_MIN &&
		    redact_is_secret_name(name))
			strv_add(&learned, value);
	}
}

/* Of which names, and what programs call tokens, are made. */
static size_t
name_len(const char *s)
{
	size_t n = 0;

	while (isalnum((unsigned char)s[n]) || (s[n] && strchr("_-.", s[n])))
		n++;
	return n;
}

static bool
has_token_shape(const char *s, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(token_shapes); i++)
		if (len >= token_shapes[i].min &&
		    !strncmp(s, token_shapes[i].prefix,
		             strlen(token_shapes[i].prefix)))
			return true;
	return false;
}

/*
 * Where the value begins of a secret's name that ends at 's', as in name=X,
 * name: X, "name": "X", --name X and Bearer X; NULL: no value follows.
 */
static const char *
value_after(const char *name, const char *s)
{
	bool by_space =
	    !strncmp(name, "--", 2) || !strncasecmp(name, "bearer ", 7);
	bool spaced = false;

	if (*s == '"' || *s == '\'')
		s++;
	for (; *s == ' '; s++)
		spaced = true;
	if (!strncmp(s, "://", 3))
		return NULL;
	if (*s == ':' || *s == '=') {
		spaced |= *s == ':';
		s++;
	} else if (!by_space || !spaced) {
		return NULL;
	}
	while (spaced && *s == ' ')
		s++;
	return s;
}

/* Length of a value; of what follows a colon a space is part. */
static size_t
value_len(const char *value, char before)
{
	char quoted[] = {*value, '\0'};

	if (*value == '"' || *value == '\'') {
		size_t len = 1 + strcspn(value + 1, quoted);

		return value[len] ? len + 1 : len;
	}
	return strcspn(value, before == ':' ? "\"'\n,;&}" : "\"' \t\n,;&|<>)}");
}

/* What begins with a name of 'len' bytes; returns how much of it is done. */
static size_t
redact_name(struct buf *to, const char *s, size_t len)
{
	cleanup_free char *name = mem_ndup(s, len);
	const char *value;
	const char *colon;

	if (has_token_shape(s, len)) {
		buf_adds(to, REDACTED);
		return len;
	}
	if (!strncmp(s + len, "://", 3)) {
		const char *host = s + len + 3;
		const char *at =
		    memrchr(host, '@', strcspn(host, "/?# \t\n\"'"));

		buf_add(to, s, len + 3);
		return at ? (size_t)(at + 1 - s) : len + 3;
	}
	value = redact_is_secret_name(name) ? value_after(s, s + len) : NULL;
	if (!value || !*value) {
		buf_add(to, s, len);
		return len;
	}
	buf_add(to, s, (size_t)(value - s));
	buf_adds(to, REDACTED);
	colon = memchr(s + len, ':', (size_t)(value - s) - len);
	return (size_t)(value - s) + value_len(value, colon ? ':' : '=');
}

/* Length of a private key in PEM that starts at 's'; 0: none does. */
static size_t
private_key_len(const char *s)
{
	static const char kind[] = "PRIVATE KEY-----";
	const char *line = strpbrk(s, "\n\\");
	const char *at = strstr(s, kind);
	const char *end;

	if (strncmp(s, "-----BEGIN ", 11) != 0 || !at || (line && at > line))
		return 0;
	end = strstr(at + strlen(kind), kind);
	return end ? (size_t)(end - s) + strlen(kind) : strlen(s);
}

/* Length of a secret that starts at 's'; 0: none does. */
static size_t
secret_len(const char *s)
{
	size_t longest = *s == '-' ? private_key_len(s) : 0;

	for (size_t i = 0; i < learned.n; i++) {
		size_t len = strlen(learned.v[i]);

		if (*s == *learned.v[i] && len > longest &&
		    !strncmp(s, learned.v[i], len))
			longest = len;
	}
	return longest;
}

/* How far the name at 's' goes before a secret that is known by itself. */
static size_t
before_secret(const char *s, size_t len)
{
	size_t n = 1;

	while (n < len && !secret_len(s + n))
		n++;
	return n;
}

void
redact_text(struct buf *to, const char *text)
{
	while (*text) {
		size_t secret = secret_len(text);
		size_t len = name_len(text);

		if (secret) {
			buf_adds(to, REDACTED);
			text += secret;
			continue;
		}
		if (learned.n && len)
			len = before_secret(text, len);
		if (!len) {
			buf_addc(to, *text++);
			continue;
		}
		text += redact_name(to, text, len);
	}
}

void
redact_value(struct buf *to, const char *name, const char *value)
{
	if (redact_is_secret_name(name))
		buf_adds(to, REDACTED);
	else
		redact_text(to, value);
}

/* One word without its secrets, still unquoted. */
static void
redact_word(struct buf *to, const char *word)
{
	size_t len = name_len(word);
	cleanup_free char *name = mem_ndup(word, len);

	/* All of it is the value, whatever its characters. */
	if (word[len] == '=' && redact_is_secret_name(name))
		buf_addf(to, "%s=" REDACTED, name);
	else
		redact_text(to, word);
}

void
redact_command(struct buf *to, char *const *argv)
{
	bool hide = false;

	for (size_t i = 0; argv[i]; i++) {
		cleanup_buf struct buf word = BUF_INIT;
		bool flag = argv[i][0] == '-';

		if (hide && !flag)
			buf_adds(&word, REDACTED);
		else
			redact_word(&word, argv[i]);
		hide = flag && argv[i][1] == '-' && !strchr(argv[i], '=') &&
		       redact_is_secret_name(argv[i]);
		if (i)
			buf_addc(to, ' ');
		if (!strcmp(word.s, REDACTED))
			buf_adds(to, REDACTED);
		else
			enc_shell(to, word.s);
	}
}
