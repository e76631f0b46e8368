# The tables of a new SQLite database: a script, line by line as C strings.
schema_c := $B/wrapper/store/sqlite_schema.c
wrapper_obj += $(schema_c:.c=.o)

$(schema_c): wrapper/store/sqlite_schema.sql
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q){ printf '#include "store/sqlite_schema.h"\n\n'; \
		sed -n 's/^-- Release: \(.*\)/const char sqlite_schema_release[] = "\1";/p' $<; \
		echo 'const char *const sqlite_schema[] = {'; \
		sed -e '/^--/d' -e 's/[\\"]/\\&/g' -e 's/.*/"&\\n",/' $<; \
		echo '(const char *)0 };'; } >$@

$(schema_c:.c=.o): $(schema_c)
	$(call say,CC,$<)
	$(Q)$(CC) $(wrapper_flags) -MMD -MP $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
