# SPDX-License-Identifier: GPL-3.0-or-later
# Quiet lines, and commands that run again when they changed.
#
# A rule that uses if_changed has FORCE among its prerequisites, names its target in `targets`, and
# has its command in cmd_NAME and its quiet line in say_NAME:
#
#	say_cc = CC      $(shown)
#	cmd_cc = $(compile) -c -o $@ $<
#	$(O)/%.o: %.c FORCE
#		$(call if_changed,cc)
#
# The command that made a target is kept in TARGET.cmd, as `saved_TARGET := command`. The command
# runs when it differs from that one, when a prerequisite is newer, or when the target is missing.

pound := \#
empty :=
blank := $(empty) $(empty)
quote := '

# The target as people know it: without the output folder.
shown = $(@:$(O)/%=%)

# Loud with V=1; nothing but errors with make -s.
loud := $(filter 1,$(V))
silent := $(findstring s,$(filter-out -% %=%,$(firstword $(MAKEFLAGS))))
Q := $(if $(loud),,@)

# Text as one word of the shell; a command as one line of make's language.
shell-word = '$(subst $(quote),'\'',$1)'
make-text = $(subst $(pound),$$(pound),$(subst $$,$$$$,$1))

# Not empty when the two texts differ: as one word each, so that an order counts.
one-word = $(subst $(blank),^,$(strip $1))
differ = $(filter-out x$(call one-word,$1),x$(call one-word,$2))$(filter-out \
	x$(call one-word,$2),x$(call one-word,$1))

stale = $(filter-out FORCE,$?)$(call differ,$(cmd_$1),$(saved_$@))$(if $(wildcard $@),,missing)

if_changed = $(if $(call stale,$1),@$(call announce,$1)mkdir -p $(@D) && $(cmd_$1) && \
	printf '%s\n' $(call shell-word,saved_$@ := $(call make-text,$(cmd_$1))) >$@.cmd,@:)

announce = $(if $(silent),,echo $(call shell-word,$(if $(loud),$(cmd_$1),  $(say_$1))) && )

FORCE:
