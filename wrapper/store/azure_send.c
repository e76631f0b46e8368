/* SPDX-License-Identifier: MIT */
/* azure_send.c - one request to Azure's blobs, and what they refuse */
#include "base/buf.h"
#include "base/clock.h"
#include "base/enc.h"
#include "base/err.h"
#include "store/artifact_azure.h"
#include "store/azure_sign.h"
#include "store/refusal.h"
#include "store/sending.h"
#include "wire/xml_text.h"

#define SERVICE_VERSION "2021-12-02"

struct azure_sending {
	struct sending base;
	struct artifact_azure *s;
	const struct azure_call *call;
	struct buf path;
};

static struct azure_sending *
of(struct sending *x)
{
	return container_of(x, struct azure_sending, base);
}

/* --- signing ------------------------------------------------------------ */

static int
load_cred(void *ctx, struct err *err)
{
	struct artifact_azure *s = ctx;
	struct cred_azure fresh;

	if (cred_azure_load(&fresh, err))
		return -1;
	cred_azure_free(&s->cred);
	s->cred = fresh;
	s->known = true;
	return 0;
}

static int
prepare(struct sending *base, struct err *err)
{
	struct azure_sending *x = of(base);
	struct artifact_azure *s = x->s;
	const char *query = x->call->query;
	struct url u;

	if (cred_keep(s->known, s->cred.token.expires, load_cred, s, err) ||
	    azure_place_settle(&s->place, &s->cred, err))
		return -1;
	buf_reset(&x->path);
	azure_place_path(&s->place, x->call->name, &x->path);
	u = s->place.endpoint;
	u.rest = x->path.s;
	buf_reset(&base->url);
	url_print(&base->url, &u);
	if (query || s->cred.sas)
		buf_addf(&base->url, "?%s%s%s", query ? query : "",
		         query && s->cred.sas ? "&" : "",
		         s->cred.sas ? s->cred.sas : "");
	return 0;
}

static void
set_headers(struct azure_sending *x)
{
	const struct kvs *more = x->call->headers;
	struct kvs *headers = &x->base.headers;
	char date[30];

	azure_date(clock_now_ms() / 1000, date);
	kvs_free(headers);
	kvs_set(headers, "x-ms-date", date);
	kvs_set(headers, "x-ms-version", SERVICE_VERSION);
	for (size_t i = 0; more && i < more->n; i++)
		kvs_set(headers, more->v[i].key, more->v[i].value);
}

static int
sign(struct sending *base, struct err *err)
{
	struct azure_sending *x = of(base);
	const struct cred_azure *cred = &x->s->cred;
	const struct azure_call *c = x->call;
	const struct azure_request r = {
	    .method = c->method,
	    .account = x->s->place.account,
	    .path = x->path.s,
	    .query = c->query ? c->query : "",
	    .headers = &base->headers,
	    .size = c->size,
	};
	cleanup_buf struct buf value = BUF_INIT;

	set_headers(x);
	if (cred->token.value)
		buf_addf(&value, "Bearer %s", cred->token.value);
	else if (cred->key && azure_sign(&r, cred->key, &value, err))
		return -1;
	if (value.len)
		kvs_set(&base->headers, "authorization", value.s);
	return 0;
}

static bool
is_expired(struct sending *x, const struct http_response *r)
{
	return r->status == 401 && of(x)->s->cred.token.value;
}

static int
renew(struct sending *x, struct err *err)
{
	return load_cred(of(x)->s, err);
}

/* --- refusals ----------------------------------------------------------- */

static const struct remedy remedies[] = {
    {"ContainerNotFound",
     "make container '%B', or give the experiment another artifact location",
     ERR_REMOTE},
    {"AuthenticationFailed",
     "the account does not take what %C says, or the clock of this machine "
     "is wrong",
     ERR_REMOTE},
    {"InvalidAuthenticationInfo",
     "the account does not take the credentials from %C", ERR_REMOTE},
    {"NoAuthenticationInformation",
     "the account does not take the credentials from %C", ERR_REMOTE},
    {"AuthorizationFailure",
     "the credentials from %C, or this machine's network, have no access to "
     "container '%B'",
     ERR_REMOTE},
    {"AuthorizationPermissionMismatch",
     "the credentials from %C need to write to container '%B', as the role "
     "'Storage Blob Data Contributor' lets them",
     ERR_REMOTE},
    {"AuthorizationProtocolMismatch", "the signature in %C is for https alone",
     ERR_REMOTE},
    {"AuthorizationServiceMismatch", "the signature in %C is not for blobs",
     ERR_REMOTE},
    {"KeyBasedAuthenticationNotPermitted",
     "the account takes no keys: use AZURE_CLIENT_ID and the like in place "
     "of %C",
     ERR_REMOTE},
    {"AccountIsDisabled", "the storage account is closed", ERR_REMOTE},
    {"BlobImmutableDueToPolicy",
     "container '%B' keeps what it has: the blob may not be replaced",
     ERR_REMOTE},
    {"LeaseIdMissing", "somebody else holds a lease on the blob", ERR_REMOTE},
    {"InvalidBlobType",
     "what is there is a blob of another type, which cannot be replaced",
     ERR_CONFLICT},
    {"PathConflict", "something in the way is not a directory", ERR_CONFLICT},
    {"ResourceTypeMismatch", "what is there is a directory", ERR_CONFLICT},
    {"Md5Mismatch", "the file changes while it is read", ERR_RETRY},
    {"InvalidBlockList", "the account has forgotten some of its blocks",
     ERR_RETRY},
    {"ServerBusy", NULL, ERR_RETRY},
    {"OperationTimedOut", NULL, ERR_RETRY},
};

/* What of a signature opens doors: "sig=…". */
static char *
secret_of(const char *sas)
{
	const char *at = sas ? strstr(sas, "sig=") : NULL;

	return at ? mem_ndup(at + 4, strcspn(at + 4, "&")) : NULL;
}

static int
fail(struct sending *base, const struct http_response *response,
     struct err *err)
{
	const struct azure_sending *x = of(base);
	const struct azure_place *p = &x->s->place;
	const struct cred_azure *cred = &x->s->cred;
	const char *name = x->call->name;
	const char *told = kvs_get(&response->headers, "x-ms-error-code");
	cleanup_free char *uri =
	    mem_printf("%s@%s%s%s", p->container, p->account, name ? "/" : "",
	               name ? name : "");
	cleanup_free char *signature = secret_of(cred->sas);
	cleanup_buf struct buf plain = BUF_INIT;
	cleanup_buf struct buf code = BUF_INIT;
	cleanup_buf struct buf message = BUF_INIT;
	struct refusal r = {
	    .method = x->call->method,
	    .uri = uri,
	    .host = p->endpoint.host,
	    .status = response->status,
	    .bucket = p->container,
	    .source = cred->source,
	    .secrets = {cred->key, cred->token.value, signature},
	    .remedies = remedies,
	    .n_remedies = ARRAY_LEN(remedies),
	};

	if (signature)
		enc_unpercent(&plain, signature);
	r.secrets[3] = signature ? plain.s : NULL;
	if (!xml_text(response->body.s, "Code", &code) && told)
		buf_adds(&code, told);
	xml_text(response->body.s, "Message", &message);
	r.code = code.s;
	r.message = message.s;
	return refusal_set(&r, err);
}

/* --- sending ------------------------------------------------------------ */

static const struct sending_ops sending_ops = {
    .prepare = prepare,
    .sign = sign,
    .is_expired = is_expired,
    .renew = renew,
    .fail = fail,
};

static int
compare(const struct sending *x, const struct http_response *r, struct err *err)
{
	const char *theirs = kvs_get(&r->headers, "content-md5");
	cleanup_buf struct buf raw = BUF_INIT;
	cleanup_buf struct buf hex = BUF_INIT;

	if (!theirs || !*x->sum || enc_unbase64(&raw, theirs))
		return 0;
	enc_hex(&hex, raw.s, raw.len);
	return strcmp(hex.s, x->sum) != 0
	           ? err_set(err, ERR_RETRY,
	                     "the store has other bytes than were sent")
	           : 0;
}

int
azure_send(struct artifact_azure *s, const struct azure_call *c,
           struct http_response *ret, struct err *err)
{
	struct azure_sending x = {
	    .base =
		{
		    .ops = &sending_ops,
		    .http = s->http,
		    .request =
			{
			    .method = c->method,
			    .data = c->data,
			    .fd = c->fd,
			    .offset = c->offset,
			    .size = c->size,
			},
		    .with_md5 = true,
		    .running = c->running,
		    SENDING_INIT,
		},
	    .s = s,
	    .call = c,
	    .path = BUF_INIT,
	};
	int got = sending_do(&x.base, ret, err);

	buf_free(&x.path);
	return got ? got : compare(&x.base, ret, err);
}
