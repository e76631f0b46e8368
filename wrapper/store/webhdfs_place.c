/* SPDX-License-Identifier: MIT */
/* webhdfs_place.c - where files of a Hadoop file system lie, and its gateway */
#include "store/webhdfs_place.h"

#include <pwd.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"
#include "base/fs.h"
#include "store/cred.h"
#include "wire/xml_text.h"

#define GATEWAY "KMLFLOW_WEBHDFS_URL"
#define PORT "9870"

enum { FILE_MAX = 4 << 20 };

void
webhdfs_place_free(struct webhdfs_place *p)
{
	url_free(&p->gateway);
	free(p->root);
	free(p->user);
	*p = (struct webhdfs_place){.root = NULL};
}

/* --- Hadoop's own settings ---------------------------------------------- */

/* The value of a property of a file of "<name>" and "<value>". */
static char *
property_of(const char *xml, const char *name)
{
	cleanup_free char *copy = mem_dup(xml);
	char *rest = copy;
	const char *one;

	while ((one = xml_cut(&rest, "property"))) {
		cleanup_buf struct buf key = BUF_INIT;
		cleanup_buf struct buf value = BUF_INIT;

		if (xml_text(one, "name", &key) && !strcmp(key.s, name) &&
		    xml_text(one, "value", &value) && value.len)
			return buf_detach(&value);
	}
	return NULL;
}

/* Of a cluster with several name nodes the first one that is named. */
static char *
of_service(const char *xml, const char *kind, const char *service)
{
	cleanup_free char *list = mem_printf("dfs.ha.namenodes.%s", service);
	cleanup_free char *nodes = property_of(xml, list);
	cleanup_free char *name = NULL;

	if (!nodes)
		return NULL;
	name = mem_printf("dfs.namenode.%s-address.%s.%.*s", kind, service,
	                  (int)strcspn(nodes, ", "), nodes);
	return property_of(xml, name);
}

static char *
address_by(const char *xml, const char *kind, const char *host)
{
	cleanup_free char *plain = mem_printf("dfs.namenode.%s-address", kind);
	char *address = of_service(xml, kind, host);

	return address ? address : property_of(xml, plain);
}

/* "http://host:port" as the cluster's settings have it; NULL: they do not. */
static char *
gateway_by_settings(const char *host)
{
	const char *dir = cred_env("HADOOP_CONF_DIR");
	cleanup_free char *path = dir ? fs_join(dir, "hdfs-site.xml") : NULL;
	cleanup_buf struct buf xml = BUF_INIT;
	cleanup_free char *policy = NULL;
	cleanup_free char *address = NULL;
	struct err ignored = ERR_INIT;
	bool tls;

	if (!path || fs_read(path, FILE_MAX, &xml, &ignored))
		return NULL;
	policy = property_of(xml.s, "dfs.http.policy");
	tls = policy && !strcmp(policy, "HTTPS_ONLY");
	address = address_by(xml.s, tls ? "https" : "http", host);
	/* One that listens everywhere is reached by its name. */
	if (address && !strncmp(address, "0.0.0.0:", 8))
		mem_replace(&address, mem_printf("%s%s", host, address + 7));
	return address ? mem_printf("http%s://%s", tls ? "s" : "", address)
	               : NULL;
}

/* --- the URI ------------------------------------------------------------ */

static int
load_gateway(struct webhdfs_place *p, const char *scheme, const char *host,
             struct err *err)
{
	const char *given = cred_env(GATEWAY);
	cleanup_free char *url =
	    given ? mem_dup(given) : gateway_by_settings(host);
	size_t len;

	if (!url && (!*host || strcmp(scheme, "hdfs") != 0))
		return err_set(err, ERR_CONFIG,
		               "a '%s:' artifact URI without a host is found "
		               "by " GATEWAY " alone: set it to the address of "
		               "WebHDFS or HttpFS",
		               scheme);
	if (!url)
		url = mem_printf("http://%s:" PORT, host);
	if (url_parse(url, &p->gateway, err))
		return err_wrap(err, "%s", given ? GATEWAY : "hdfs-site.xml");
	len = strcspn(p->gateway.rest, "?");
	while (len && p->gateway.rest[len - 1] == '/')
		len--;
	p->gateway.rest[len] = '\0';
	return 0;
}

static char *
load_user(void)
{
	static const char *const names[] = {"MLFLOW_KERBEROS_USER",
	                                    "HADOOP_USER_NAME"};
	const struct passwd *pw = getpwuid(getuid());

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (cred_env(names[i]))
			return mem_dup(cred_env(names[i]));
	return mem_dup(pw ? pw->pw_name : "root");
}

static int
parse(const char *uri, struct webhdfs_place *p, struct err *err)
{
	size_t len = strcspn(uri, ":");
	cleanup_free char *scheme = mem_ndup(uri, len);
	const char *s = uri + len + (uri[len] == ':');
	cleanup_free char *host = NULL;
	cleanup_free char *path = NULL;

	len = 0;
	if (!strncmp(s, "//", 2)) {
		s += 2;
		len = strcspn(s, "/?#");
	}
	/* The port is that of another protocol. */
	host =
	    mem_ndup(s, *s == '[' ? strcspn(s, "]") + 1 : strcspn(s, ":/?#"));
	if (!len || host[strcspn(host, "@%\\ \t\"")])
		host[0] = '\0';
	path = mem_printf("/%s", s + len);
	p->root = fs_normalise(path);
	p->user = load_user();
	return load_gateway(p, scheme, host, err);
}

int
webhdfs_place_load(const char *uri, struct webhdfs_place *ret, struct err *err)
{
	struct webhdfs_place p = {.root = NULL};

	if (parse(uri, &p, err)) {
		webhdfs_place_free(&p);
		return -1;
	}
	*ret = p;
	return 0;
}

void
webhdfs_place_url(const struct webhdfs_place *p, const char *path,
                  const char *op, struct buf *to)
{
	struct url u = p->gateway;
	cleanup_buf struct buf rest = BUF_INIT;

	buf_addf(&rest, "%s/webhdfs/v1", p->gateway.rest);
	enc_percent(&rest, path, "/");
	u.rest = rest.s;
	url_print(to, &u);
	url_add_query(to, "op", op);
	url_add_query(to, "user.name", p->user);
}
