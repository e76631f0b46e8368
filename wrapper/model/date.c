/* SPDX-License-Identifier: MIT */
/* date.c - dates and times as YAML 1.1 writes and Python prints them */
#include "model/date.h"

#include <ctype.h>

#include "base/buf.h"
#include "model/value.h"

enum { DAY = 24 * 60 * 60 };

/* A number of 'least' to 'most' digits moves *s on; -1: there is none. */
static int
number(const char **s, int least, int most)
{
	int ret = 0;
	int n = 0;

	while (n < most && isdigit((unsigned char)**s)) {
		ret = ret * 10 + (*(*s)++ - '0');
		n++;
	}
	return n < least ? -1 : ret;
}

static bool
skip(const char **s, char c)
{
	if (**s != c)
		return false;
	++*s;
	return true;
}

/* "T", or blanks, between date and time. */
static bool
skip_separator(const char **s)
{
	size_t blanks = strspn(*s, " \t");

	if (!blanks)
		return skip(s, 'T') || skip(s, 't');
	*s += blanks;
	return true;
}

/* Digits after the point, of which Python keeps six. */
static int
fraction(const char **s)
{
	int ret = 0;
	int n = 0;

	for (; isdigit((unsigned char)**s); ++*s)
		if (n < 6) {
			ret = ret * 10 + (**s - '0');
			n++;
		}
	for (; n < 6; n++)
		ret *= 10;
	return ret;
}

/* "Z", or sign, hours and perhaps ":" and minutes; false: something else. */
static bool
zone(const char **s, struct value_date *d)
{
	int hours, minutes = 0;
	int sign;

	*s += strspn(*s, " \t");
	if (!**s)
		return true;
	d->zone = true;
	if (skip(s, 'Z'))
		return true;
	sign = **s == '-' ? -1 : 1;
	if (!skip(s, '+') && !skip(s, '-'))
		return false;
	hours = number(s, 1, 2);
	if (skip(s, ':'))
		minutes = number(s, 2, 2);
	if (hours < 0 || minutes < 0)
		return false;
	d->offset = sign * (hours * 3600 + minutes * 60);
	return true;
}

static bool
time_of_day(const char *s, struct value_date *d)
{
	int hour, minute, second;

	d->time = true;
	if (!skip_separator(&s))
		return false;
	hour = number(&s, 1, 2);
	if (hour < 0 || !skip(&s, ':'))
		return false;
	minute = number(&s, 2, 2);
	if (minute < 0 || !skip(&s, ':'))
		return false;
	second = number(&s, 2, 2);
	if (second < 0)
		return false;
	if (skip(&s, '.'))
		d->micro = fraction(&s);
	d->hour = (int8_t)hour;
	d->minute = (int8_t)minute;
	d->second = (int8_t)second;
	return zone(&s, d) && !*s;
}

static bool
scan(const char *s, bool tagged, struct value_date *d)
{
	int month_digits = 1;
	int year, month, day;
	const char *p = s;

	*d = (struct value_date){.time = false};
	/* Without a time, an untagged date has two digits everywhere. */
	if (!tagged && strlen(s) == 10)
		month_digits = 2;
	year = number(&p, 4, 4);
	if (year < 0 || !skip(&p, '-'))
		return false;
	month = number(&p, month_digits, 2);
	if (month < 0 || !skip(&p, '-'))
		return false;
	day = number(&p, month_digits, 2);
	if (day < 0)
		return false;
	d->year = (int16_t)year;
	d->month = (int8_t)month;
	d->day = (int8_t)day;
	if (!*p)
		return tagged || strlen(s) == 10;
	return time_of_day(p, d);
}

bool
date_looks_like(const char *s)
{
	struct value_date d;

	return scan(s, false, &d);
}

static int
days_in(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30,
	                           31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 || year % 400 == 0);

	return month == 2 && leap ? 29 : days[month - 1];
}

const char *
date_parse(const char *s, struct value *ret)
{
	struct value_date d;

	if (!scan(s, true, &d) || d.year < 1 || d.month < 1 || d.month > 12 ||
	    d.day < 1 || d.day > days_in(d.year, d.month) || d.hour > 23 ||
	    d.minute > 59 || d.second > 59 || d.offset <= -DAY ||
	    d.offset >= DAY)
		return "is no valid date; put it in quotes to keep it a text";
	ret->type = VALUE_DATE;
	ret->date = d;
	return NULL;
}

void
date_str(const struct value_date *d, struct buf *to)
{
	int offset = d->offset < 0 ? -d->offset : d->offset;

	buf_addf(to, "%04d-%02d-%02d", d->year, d->month, d->day);
	if (!d->time)
		return;
	buf_addf(to, " %02d:%02d:%02d", d->hour, d->minute, d->second);
	if (d->micro)
		buf_addf(to, ".%06d", d->micro);
	if (d->zone)
		buf_addf(to, "%c%02d:%02d", d->offset < 0 ? '-' : '+',
		         offset / 3600, offset / 60 % 60);
}

void
date_repr(const struct value_date *d, struct buf *to)
{
	int days = d->offset < 0 ? -1 : 0;

	buf_addf(to, "datetime.%s(%d, %d, %d", d->time ? "datetime" : "date",
	         d->year, d->month, d->day);
	if (d->time)
		buf_addf(to, ", %d, %d", d->hour, d->minute);
	if (d->second || d->micro)
		buf_addf(to, ", %d", d->second);
	if (d->micro)
		buf_addf(to, ", %d", d->micro);
	if (d->zone && !d->offset)
		buf_adds(to, ", tzinfo=datetime.timezone.utc");
	else if (d->zone)
		buf_addf(to,
		         ", tzinfo=datetime.timezone(datetime.timedelta("
		         "%sseconds=%d))",
		         days ? "days=-1, " : "", d->offset - days * DAY);
	buf_addc(to, ')');
}
