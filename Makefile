# SPDX-License-Identifier: GPL-3.0-or-later
# Builds stoker. One make sees the whole tree: each folder's Makefile only lists what it has
# (obj-, lib-, link-), this one reads them all. `make help` tells what there is to make.
#
# Paths are relative to this folder, so that the bytes of a build do not depend on where the tree
# lies. A path with a blank in it, of the tree or of O, does not work: make cannot tell it from two.

VERSION := 0.1.0

folders := core/base/ core/model/ core/engine/ core/daemon/ core/init/ core/cli/ drivers/

all:
.PHONY: all FORCE
.DELETE_ON_ERROR:
MAKEFLAGS += -rR --no-print-directory
unexport CDPATH

# -- what is asked for ----------------------------------------------------------------------------
#
# Goals that read no configuration can be made where none is. Given together with others, or where
# the output folder differs from the others' (fuzzers), each goal gets a make of its own, in order.

config-goals := config oldconfig olddefconfig menuconfig nconfig savedefconfig listnewconfig \
	allyesconfig allnoconfig randconfig %_defconfig
plain-goals := help clean distclean check bench image
goals := $(or $(MAKECMDGOALS),all)
alone := $(filter $(config-goals) $(plain-goals) fuzzers,$(goals))

ifneq ($(and $(alone),$(filter-out 1,$(words $(goals)))),)

.PHONY: $(goals)
.NOTPARALLEL:
$(goals):
	+@$(MAKE) $@

else

include tools/build/lib.mk
include tools/build/toolchain.mk
include tools/build/config.mk

ifeq ($(filter $(config-goals) $(plain-goals),$(goals)),)

# -- the configuration, and the objects that it chooses -------------------------------------------

include $(O)/include/config/auto.mk

objects :=
libraries :=
links :=

# Reads $1Makefile, then the folders that it names.
define enter
src := $1
obj-y :=
lib-y :=
link-y :=
include $1Makefile
objects += $$(addprefix $1,$$(filter %.o,$$(obj-y)))
libraries += $$(lib-y)
links += $$(link-y)
$$(foreach d,$$(filter %/,$$(obj-y)),$$(eval $$(call enter,$1$$d)))
endef
$(foreach d,$(folders),$(eval $(call enter,$d)))

# Sorted: the order of objects is the order of drivers in the program, and must not be chance.
objects := $(sort $(objects))
libraries := $(sort $(libraries))
LINKS ?= $(sort $(links))

built := $(addprefix $(O)/,$(objects))
generated := $(O)/include/config/VERSION.h $(O)/include/config/builtin_conf.inc $(O)/include/config/guests_unit.inc
targets := $(built) $(generated)

# -- headers that are made ------------------------------------------------------------------------

say_version = GEN     $(shown)
cmd_version = echo '$(pound)define STOKER_VERSION "$(VERSION)"' >$@
$(O)/include/config/VERSION.h: FORCE
	$(call if_changed,version)

# The built-in configuration as numbers for a C initialiser; an empty list when there is none.
say_bytes = GEN     $(shown)
cmd_bytes = od -An -v -tu1 $(or $(filter-out FORCE,$^),/dev/null) | sed 's/ *\([0-9][0-9]*\)/\1,/g' >$@
$(O)/include/config/builtin_conf.inc: $(CONFIG_BUILTIN_CONF) FORCE
	$(call if_changed,bytes)
# The unit that `stoker guests unit` fills in.
$(O)/include/config/guests_unit.inc: service/stoker-guests.service.in FORCE
	$(call if_changed,bytes)

# -- objects and the program ----------------------------------------------------------------------

say_link = LD      $(shown)
cmd_link = $(link) -o $@ $(filter %.o,$^) $(link-libraries)

say_strip = STRIP   $(shown)
cmd_strip = $(STRIP) --strip-all --remove-section=.comment -o $@ $<

ifeq ($(mode),product)
targets += $(O)/stoker.debug $(O)/stoker
$(O)/stoker.debug: $(built) FORCE
	$(call if_changed,link)
$(O)/stoker: $(O)/stoker.debug FORCE
	$(call if_changed,strip)
else
targets += $(O)/stoker
$(O)/stoker: $(built) FORCE
	$(call if_changed,link)
endif

include tools/build/tools.mk
include tools/build/tests.mk

# Made headers come before the first compilation (|); afterwards the compiler's own list of
# headers (.d) says who needs which.
say_cc = CC      $(shown)
cmd_cc = $(compile) -MMD -MP -MF $@.d -c -o $@ $<
$(filter %.o,$(targets)): $(O)/%.o: %.c FORCE | $(generated)
	$(call if_changed,cc)

# make drivers/wol/wol.o
asked := $(filter-out $(O)/%,$(filter %.o,$(goals)))
.PHONY: $(asked)
$(asked): %: $(O)/%
	@:

# Its saved command names every source and flag, so it is written again whenever one changes.
targets += $(O)/compile_commands.json
say_json = GEN     $(shown)
cmd_json = tools/build/compile-commands '$(CURDIR)' '$(O)' $(call shell-word,$(compile)) \
	$(objects:.o=.c) $(test-sources) >$@
$(O)/compile_commands.json: FORCE
	$(call if_changed,json)
.PHONY: compile_commands.json
compile_commands.json: $(O)/compile_commands.json
	@:

all: $(O)/stoker $(O)/compile_commands.json
	@:

# -- manual and installation ----------------------------------------------------------------------

.PHONY: docs install install-initramfs deb
docs: $(O)/stoker
	$(Q)tools/mkdocs $(O)/stoker docs $(O)/docs

PREFIX ?= /usr
sbin = $(DESTDIR)$(PREFIX)/sbin
share = $(DESTDIR)$(PREFIX)/share

install: $(O)/stoker
	$(Q)install -D -m 755 $(O)/stoker $(sbin)/stoker
	$(Q)for l in $(LINKS); do ln -sf stoker $(sbin)/$$l || exit; done
	$(Q)for m in $(wildcard $(O)/docs/*.[1-9]); do \
		install -D -m 644 -t $(share)/man/man$${m##*.} $$m || exit; done
	$(Q)tools/build/install-service $(PREFIX)/sbin/stoker $(DESTDIR)$(PREFIX) \
		$(if $(CONFIG_DAEMON),stoker) $(if $(CONFIG_CMD_GUESTS),stoker-guests)
ifdef CONFIG_CMD_COMPLETION
	$(Q)tools/build/install-completions $(O)/stoker $(share)
endif

# The hooks alone: the program is where `make install` puts it.
install-initramfs:
	$(Q)tools/build/install-initramfs $(PREFIX) $(DESTDIR)

deb: $(O)/stoker
	+$(Q)tools/mkdeb $(VERSION) $(O) $(SYSROOT)

# What was made before, and the headers that each object turned out to need.
include $(wildcard $(addsuffix .cmd,$(targets) $(tool-targets)) \
	$(addsuffix .d,$(filter %.o,$(targets) $(tool-targets))))

endif # goals that read the configuration

# -- goals that do not ----------------------------------------------------------------------------

.PHONY: help check bench image clean distclean
check:
	+$(Q)tools/check
bench:
	+$(Q)tests/bench/run
image:
	+$(Q)tools/mkimage $(BOARD)

# Only what a build makes, by name: O may hold somebody's own files.
clean:
	$(Q)rm -rf $(addprefix $(O)/,core deb drivers docs include tests tools sysroot.mk \
		stoker* fuzz_* compile_commands.json* .drivers)

# A folder that this Makefile chose goes as a whole.
distclean: clean
ifneq ($(own-output),)
	$(Q)rm -rf $(O)
else
	$(Q)rm -f $(addprefix $(O)/,.config .config.old defconfig)
	$(Q)test ! -d $(O) || rmdir --ignore-fail-on-non-empty $(O)
endif

define help_text
Configuration (in O/.config; without one: sandbox_defconfig)
  NAME_defconfig         the board NAME: $(patsubst boards/%/defconfig,%,$(wildcard boards/*/defconfig))
  menuconfig, nconfig    choose in menus
  oldconfig              ask about symbols that are new
  olddefconfig           give symbols that are new their defaults
  savedefconfig          write O/defconfig: only what differs from the defaults
  allyesconfig, allnoconfig, randconfig, listnewconfig, config

Building
  all                    O/stoker, static and stripped; O/stoker.debug with symbols
  FOLDER/NAME.o          one object
  bmcsim                 O/tools/bmcsim, which simulates BMCs: for this machine, with its libraries
  compile_commands.json  O/compile_commands.json, for editors and clang's tools (part of all)
  docs                   the manual pages in O/docs
  install                to DESTDIR and PREFIX, with LINKS, manual pages, completions and services
  install-initramfs      hooks for initramfs-tools and dracut: machines are woken before the root is mounted
  deb                    O/deb/stoker_VERSION_ARCH.deb, a package for Debian
  clean, distclean       remove what was built; the configuration too

Testing
  tests                  O/tests/test_*, with SANITIZE=1 or HOST=1
  fuzzers                O/fuzz_*, with CC=clang
  check                  everything that must hold before a commit
  bench                  measurements
  image BOARD=…          what boots, of a board that has an image.conf, in build/images/

Variables
  V=1                    show the commands
  O=FOLDER               build there (now: $(O))
  CC=clang               compile with clang (the product too)
  ARCH=arm64 O=FOLDER    for another architecture, with Debian's cross compiler
  SANITIZE=1             with the machine's own libraries, address and undefined behaviour sanitizers
  HOST=1                 with the machine's own libraries and no sanitizer, for valgrind and gdb
  SYSROOT=FOLDER         static libraries from there instead of asking tools/sysroot
  CFLAGS, LDFLAGS        put after the build's own
  DESTDIR, PREFIX, LINKS where install puts the program, and its other names
endef
help:
	$(info $(help_text))@:

endif # one goal of its own
