# SPDX-License-Identifier: GPL-3.0-or-later
# Unit tests and fuzzers: programs of all the tree's objects but main.o.
#
# tests/unit/Makefile lists
#	test-y += test_range              a test: tests/unit/test_range.c makes O/tests/test_range
#	test-common-y += fakeclock.o      an object that every test is linked with
#	test-ldflags-y += -Wl,--wrap=…    flags of every test's link
#	test-static-y += libev            a library to link statically, so that --wrap reaches into it
#	test-tool-y += test_bmcsim        a test of a tool: of bmcsim's objects instead of the tree's
#	test-tool-common-y += simsol.o    linked into all of those
# Each tests/fuzz/fuzz_*.c is a fuzzer, O/fuzz_*; fuzz_bmcsim is one of that tool.

.PHONY: tests fuzzers
tested := $(filter-out $(O)/core/cli/main.o,$(built))
# without main and the socket, in whose place stands a net of the test's own
tool-tested := $(filter-out %/main.o %/server.o,$(call tool-objects,bmcsim)) $(O)/tests/unit/simnet.o
test-sources :=

ifneq ($(mode),product)

test-y :=
test-common-y :=
test-tool-y :=
test-tool-common-y :=
-include tests/unit/Makefile

test-programs := $(addprefix $(O)/tests/,$(test-y))
test-common := $(addprefix $(O)/tests/unit/,$(test-common-y))
test-tool-programs := $(addprefix $(O)/tests/,$(test-tool-y))
test-tool-common := $(addprefix $(O)/tests/unit/,$(test-tool-common-y))
test-objects := $(test-y:%=$(O)/tests/unit/%.o) $(test-common) $(test-tool-y:%=$(O)/tests/unit/%.o) \
	$(test-tool-common) $(O)/tests/unit/simnet.o
test-sources += $(test-objects:$(O)/%.o=%.c)

unlisted := $(filter-out $(test-y) $(test-) $(test-tool-y),$(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c)))
ifneq ($(unlisted),)
$(warning tests/unit/Makefile does not list $(unlisted))
endif

say_test = LD      $(shown)
cmd_test = $(link) $(test-ldflags-y) -o $@ $(filter %.o,$^) $(call host-libraries,$(test-static-y)) -lcmocka
$(test-programs): $(O)/tests/%: $(O)/tests/unit/%.o $(test-common) $(tested) FORCE
	$(call if_changed,test)

say_test_tool = LD      $(shown)
cmd_test_tool = $(tool-link) -o $@ $(filter %.o,$^) $(bmcsim-libs) -lcmocka
$(test-tool-programs): $(O)/tests/%: $(O)/tests/unit/%.o $(test-tool-common) $(tool-tested) FORCE
	$(call if_changed,test_tool)
tests: $(test-programs) $(test-tool-programs)
	@:
targets += $(test-objects) $(test-programs) $(test-tool-programs)

endif

ifeq ($(mode),fuzz)

fuzz-names := $(sort $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c)))
fuzz-tool-names := fuzz_bmcsim
fuzz-programs := $(addprefix $(O)/,$(filter-out $(fuzz-tool-names),$(fuzz-names)))
fuzz-tool-programs := $(addprefix $(O)/,$(fuzz-tool-names))
fuzz-objects := $(fuzz-names:%=$(O)/tests/fuzz/%.o)
test-sources += $(fuzz-objects:$(O)/%.o=%.c)

say_fuzz = LD      $(shown)
cmd_fuzz = $(link) -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(link-libraries)
$(fuzz-programs): $(O)/fuzz_%: $(O)/tests/fuzz/fuzz_%.o $(tested) FORCE
	$(call if_changed,fuzz)

say_fuzz_tool = LD      $(shown)
cmd_fuzz_tool = $(tool-link) -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(bmcsim-libs)
$(fuzz-tool-programs): $(O)/fuzz_%: $(O)/tests/fuzz/fuzz_%.o $(tool-tested) FORCE
	$(call if_changed,fuzz_tool)
fuzzers: $(fuzz-programs) $(fuzz-tool-programs) $(O)/compile_commands.json
	@:
targets += $(fuzz-objects) $(fuzz-programs) $(fuzz-tool-programs)

endif
