# SPDX-License-Identifier: GPL-3.0-or-later
# Unit tests and fuzzers: programs of all the tree's objects but main.o.
#
# tests/unit/Makefile lists
#	test-y += test_range              a test: tests/unit/test_range.c makes O/tests/test_range
#	test-common-y += fakeclock.o      an object that every test is linked with
#	test-ldflags-y += -Wl,--wrap=…    flags of every test's link
#	test-static-y += libev            a library to link statically, so that --wrap reaches into it
# Each tests/fuzz/fuzz_*.c is a fuzzer, O/fuzz_*.

.PHONY: tests fuzzers
tested := $(filter-out $(O)/core/cli/main.o,$(built))
test-sources :=

ifneq ($(mode),product)

test-y :=
test-common-y :=
-include tests/unit/Makefile

test-programs := $(addprefix $(O)/tests/,$(test-y))
test-common := $(addprefix $(O)/tests/unit/,$(test-common-y))
test-objects := $(test-y:%=$(O)/tests/unit/%.o) $(test-common)
test-sources += $(test-objects:$(O)/%.o=%.c)

unlisted := $(filter-out $(test-y) $(test-),$(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c)))
ifneq ($(unlisted),)
$(warning tests/unit/Makefile does not list $(unlisted))
endif

say_test = LD      $(shown)
cmd_test = $(link) $(test-ldflags-y) -o $@ $(filter %.o,$^) $(call host-libraries,$(test-static-y)) -lcmocka
$(test-programs): $(O)/tests/%: $(O)/tests/unit/%.o $(test-common) $(tested) FORCE
	$(call if_changed,test)
tests: $(test-programs)
	@:
targets += $(test-objects) $(test-programs)

endif

ifeq ($(mode),fuzz)

fuzz-names := $(sort $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c)))
fuzz-programs := $(addprefix $(O)/,$(fuzz-names))
fuzz-objects := $(fuzz-names:%=$(O)/tests/fuzz/%.o)
test-sources += $(fuzz-objects:$(O)/%.o=%.c)

say_fuzz = LD      $(shown)
cmd_fuzz = $(link) -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(link-libraries)
$(fuzz-programs): $(O)/fuzz_%: $(O)/tests/fuzz/fuzz_%.o $(tested) FORCE
	$(call if_changed,fuzz)
fuzzers: $(fuzz-programs) $(O)/compile_commands.json
	@:
targets += $(fuzz-objects) $(fuzz-programs)

endif
