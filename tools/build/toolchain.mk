# SPDX-License-Identifier: GPL-3.0-or-later
# Who compiles and links, with which flags, against which libraries, into which folder.
#
#	product    static, musl, the sysroot's libraries         build, build/clang
#	host       the machine's libraries, for valgrind         build/host, build/host-clang
#	sanitize   the same with ASan and UBSan                  build/sanitize, build/sanitize-clang
#	fuzz       the same, instrumented for libFuzzer          build/fuzz
#
# Sets: mode, O, compile (all of a compilation but the files), link, link-libraries, host-libraries,
# tool-compile and tool-link for programs that run on the build host.

mode := product
ifneq ($(filter-out 0,$(HOST)),)
mode := host
endif
ifneq ($(filter-out 0,$(SANITIZE)),)
mode := sanitize
endif
ifneq ($(filter fuzzers,$(goals)),)
mode := fuzz
endif

# make's own default is no choice of the user's
ifneq ($(filter default undefined,$(origin CC)),)
CC := gcc
endif
clang := $(findstring clang,$(notdir $(firstword $(CC))))

ifeq ($(mode)$(clang),fuzz)
$(error fuzzers need libFuzzer, which comes with clang: make CC=clang fuzzers)
endif
ifeq ($(mode),product)
ifneq ($(filter tests,$(goals)),)
$(error tests run against the machine's own libraries: make SANITIZE=1 tests, or HOST=1)
endif
ifeq ($(filter gcc cc,$(CC))$(clang),)
$(error the product's compiler is the sysroot's gcc, or clang: CC=$(CC) wants HOST=1 or SANITIZE=1)
endif
endif

# Another architecture goes into a folder of its own.
ifneq ($(ARCH),)
ifeq ($(mode)$(clang)$(if $(strip $(O)),,-),product)
else
$(error ARCH=$(ARCH) is for the product, by gcc, in a folder of its own: make ARCH=$(ARCH) O=build/$(ARCH))
endif
endif

output-product := build$(if $(clang),/clang)
output-host := build/host$(if $(clang),-clang)
output-sanitize := build/sanitize$(if $(clang),-clang)
output-fuzz := build/fuzz
own-output := $(if $(strip $(O)),,$(output-$(mode)))
override O := $(patsubst %/,%,$(or $(own-output),$(O)))
ifneq ($(words $(CURDIR) $(O)),2)
$(error a path with a blank in it does not work: "$(CURDIR)", O="$(O)")
endif
ifeq ($(realpath $(O)),$(realpath .))
$(error O=$(O) is the tree itself: objects never go into the source folders)
endif

# -- flags of every mode --------------------------------------------------------------------------

warnings := -Wall -Wextra -Werror -Wmissing-prototypes -Wstrict-prototypes -Wshadow -Wvla

# libev's ev.h puns its watchers' types.
language := -std=gnu11 -D_GNU_SOURCE -fno-strict-aliasing $(warnings)

includes := -I$(O)/include -Icore -I.

# Debug information and assertions name files as if tree and output folder were "." and "out".
# Of two that fit, the compiler takes the last.
anywhere := -ffile-prefix-map=$(CURDIR)=. -ffile-prefix-map=$(abspath $(O))=out \
	-ffile-prefix-map=$(O)=out

# -- the product ----------------------------------------------------------------------------------

ifeq ($(mode),product)

# A goal that needs no compiler needs no sysroot either: building one takes minutes.
ifeq ($(filter $(config-goals) $(plain-goals),$(goals)),)
ifneq ($(origin SYSROOT),command line)
include $(O)/sysroot.mk
$(O)/sysroot.mk: tools/sysroot $(wildcard tools/sysroot.d/*)
	@mkdir -p $(@D)
	@sysroot=$$(tools/sysroot $(if $(ARCH),--arch $(ARCH))) && test -f $$sysroot/flags.mk && echo SYSROOT := $$sysroot >$@
ifeq ($(wildcard $(SYSROOT)/flags.mk),)
$(O)/sysroot.mk: FORCE
endif
endif
-include $(SYSROOT)/flags.mk
endif

size := -Oz -g -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables \
	-fstack-clash-protection
anywhere += -ffile-prefix-map=$(SYSROOT)=sysroot

ifneq ($(clang),)
# clang compiles, told by the sysroot where musl's headers are; gcc links.
product-cc = $(CC) $(wordlist 2,$(words $(SYSROOT_CLANG)),$(SYSROOT_CLANG))
else
product-cc = $(SYSROOT_CC)
endif

compile = $(product-cc) $(language) $(size) $(anywhere) $(includes) $(SYSROOT_CFLAGS) $(CFLAGS)
# Few and small segments: each that begins on a page of its own costs up to 4 KB, which is much of tiny.
link = $(SYSROOT_CC) -static $(size) $(anywhere) $(SYSROOT_LDFLAGS) -Wl,--gc-sections \
	-Wl,-z,noexecstack -Wl,-z,noseparate-code -Wl,-z,norelro -Wl,-z,common-page-size=64 -Wl,--build-id=none $(LDFLAGS)
sysroot-library = $(or $(SYSROOT_LIBS_$1),$(error lib- names "$1", which the sysroot does not have))
link-libraries = -Wl,--start-group $(foreach l,$(libraries),$(call sysroot-library,$l)) -Wl,--end-group
STRIP ?= $(or $(SYSROOT_STRIP),strip)

else

# -- the machine's own libraries ------------------------------------------------------------------

problems := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
checks-sanitize := $(problems)
checks-fuzz := -fsanitize=fuzzer-no-link $(problems)

compile = $(CC) $(language) -O1 -g $(checks-$(mode)) $(anywhere) $(includes) $(CFLAGS)
link = $(CC) -g $(checks-$(mode)) $(LDFLAGS)

# A library is linked by its name, less the "lib" in front; $2 names those to be linked statically.
host-library = $(if $(filter $1,$2),-l:lib$(1:lib%=%).a,-l$(1:lib%=%))
host-libraries = $(foreach l,$(libraries),$(call host-library,$l,$1)) -lm
link-libraries = $(call host-libraries)

endif

# -- programs for the build host ------------------------------------------------------------------

HOSTCC ?= $(if $(filter product,$(mode)),$(if $(clang),$(CC),gcc),$(CC))
tool-checks := $(if $(filter sanitize fuzz,$(mode)),$(checks-$(mode)))
tool-compile = $(HOSTCC) $(language) -O2 -g $(tool-checks) $(anywhere) $(CFLAGS)
tool-link = $(HOSTCC) -g $(tool-checks) $(LDFLAGS)
