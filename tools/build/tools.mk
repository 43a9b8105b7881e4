# SPDX-License-Identifier: GPL-3.0-or-later
# Programs for the build host: in each mode with the host's own compiler and libraries.
#
# tools/NAME/Makefile lists
#	NAME-y := main.o …		its objects
#	NAME-libs := -lnettle …		its libraries
# and O/tools/NAME is made of them.

tools := bmcsim
include $(tools:%=tools/%/Makefile)

tool-objects = $($1-y:%=$(O)/tools/objects/$1/%)
tool-objects-all := $(foreach t,$(tools),$(call tool-objects,$t))
tool-programs := $(tools:%=$(O)/tools/%)

say_tool_cc = CC      $(shown)
cmd_tool_cc = $(tool-compile) -MMD -MP -MF $@.d -c -o $@ $<
$(tool-objects-all): $(O)/tools/objects/%.o: tools/%.c FORCE
	$(call if_changed,tool_cc)

say_tool = LD      $(shown)
cmd_tool = $(tool-link) -o $@ $(filter %.o,$^) $($(@F)-libs)
$(foreach t,$(tools),$(eval $(O)/tools/$t: $(call tool-objects,$t)))
$(tool-programs): FORCE
	$(call if_changed,tool)

.PHONY: $(tools)
$(tools): %: $(O)/tools/%
	@:

# Not among `targets`: their objects are not compiled as the product's are.
tool-targets := $(tool-objects-all) $(tool-programs)
