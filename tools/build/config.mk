# SPDX-License-Identifier: GPL-3.0-or-later
# The configuration: O/.config, edited by kconfig-frontends, and what the build makes of it.
#
# O/include/config/auto.mk has every symbol as a variable of make (y, a value, or empty), and
# O/include/config/NAME.h defines CONFIG_NAME for C. There is no header with all of them: one
# symbol's header is written when that symbol changes, and only who includes it is compiled again.

menus := Kconfig $(wildcard core/*/Kconfig drivers/Kconfig drivers/*/Kconfig)

# drivers/Kconfig sources this list, so that a new driver's folder need not be named anywhere.
kconfig = mkdir -p $(O) && printf 'source "%s"\n' $(sort $(wildcard drivers/*/Kconfig)) >$(O)/.drivers && \
	DRIVER_MENUS=$(O)/.drivers KCONFIG_CONFIG=$(O)/.config kconfig-$(strip $1) Kconfig

.PHONY: $(filter-out %_defconfig,$(config-goals))

%_defconfig: boards/%/defconfig FORCE
	$(Q)$(call kconfig, conf --defconfig=$<)

config:
	$(Q)$(call kconfig, conf --oldaskconfig)
menuconfig:
	$(Q)$(call kconfig, mconf)
nconfig:
	$(Q)$(call kconfig, nconf)
savedefconfig:
	$(Q)$(call kconfig, conf --savedefconfig=$(O)/defconfig)
oldconfig olddefconfig listnewconfig allyesconfig allnoconfig randconfig:
	$(Q)$(call kconfig, conf --$@)

$(O)/.config:
	@echo "no configuration in $(O): using sandbox_defconfig (make help lists the boards)"
	$(Q)$(call kconfig, conf --defconfig=boards/sandbox/defconfig) >/dev/null

# The folder "drivers" is newer when a driver came or went.
$(O)/include/config/auto.mk: $(O)/.config $(menus) drivers tools/build/config-headers
	@mkdir -p $(@D)
	@$(call kconfig, conf --olddefconfig) >/dev/null
	@tools/build/config-headers $@ $(O)/.config
