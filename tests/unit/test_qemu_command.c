/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Promises of QEMU's command line, and of the keys that it is made of. */
#include "test.h"
#include "fakedriver.h"
#include "base/fault.h"
#include "drivers/guest/qemu_command.h"
#include "model/machine.h"

#include <errno.h>
#include <jansson.h>

/* The command line of a machine with these keys, as text. To be freed. */
static char *line_of(const char *keys, int wanted_err, struct fault *f)
{
	char text[2048], *line = NULL;
	struct model *model;
	json_t *arguments;
	int err;

	snprintf(text, sizeof(text), "machine \"vm1\" { guest = \"qemu\"\n%s }\n", keys);
	model = model_of(text);
	err = qemu_command(machine_find(model, "vm1"), "/run/g/vm1", "tcg", &arguments, f);
	assert_int_equal(err, wanted_err);
	if (!err) {
		line = qemu_command_text("qemu", arguments);
		json_decref(arguments);
	}
	model_free(model);
	return line;
}

static void each_key_has_its_place_in_the_command_line(void **state)
{
	static const struct {
		const char *keys, *part;
	} table[] = {
		{"",
		 "qemu -name guest=vm1 -nodefaults -no-user-config -machine q35 -accel tcg -cpu max "
		 "-m 512M -smp 1 -display none "},
		{"memory = \"2G\" cpus = 4", "-m 2G -smp 4 "},
		{"uuid = \"123e4567-e89b-12d3-a456-426614174000\"",
		 "-uuid 123e4567-e89b-12d3-a456-426614174000 "},
		{"qemu-machine = \"pc,usb=off\" qemu-cpu = \"none\"",
		 "-machine pc,usb=off -accel tcg -m "},
		{"firmware = \"/fw/bios.bin\"", "-bios /fw/bios.bin "},
		{"firmware = \"/fw/CODE.fd /vm/vars.qcow2\"",
		 "-drive if=pflash,unit=0,format=raw,readonly=on,file=/fw/CODE.fd "
		 "-drive if=pflash,unit=1,format=qcow2,file=/vm/vars.qcow2 "},
		{"kernel = \"/b/vmlinuz\" initrd = \"/b/initrd\" append = \"root=/dev/vda quiet\"",
		 "-kernel /b/vmlinuz -initrd /b/initrd -append 'root=/dev/vda quiet' "},
		{"disk = \"/vm/a.qcow2\"", "-drive if=none,id=drive0,format=qcow2,file=/vm/a.qcow2 "
					   "-device virtio-blk-pci,drive=drive0,bootindex=10 "},
		{"disk = {\"/vm/a\", \"/vm/b,c.img bus=ide readonly cache=none\"}",
		 "-drive if=none,id=drive0,format=raw,file=/vm/a "
		 "-device virtio-blk-pci,drive=drive0,bootindex=10 "
		 "-drive if=none,id=drive1,format=raw,readonly=on,cache=none,file=/vm/b,,c.img "
		 "-device ide-hd,drive=drive1,bootindex=11 "},
		{"disk = {\"/vm/a bus=scsi\", \"/vm/b bus=scsi\"}",
		 "-device virtio-scsi-pci,id=scsi -device scsi-hd,bus=scsi.0,drive=drive0,bootindex=10 "},
		{"disk = \"/vm/a bus=usb\"",
		 "-device qemu-xhci,id=usb -device usb-storage,bus=usb.0,"
		 "drive=drive0,bootindex=10 "},
		{"disk = \"/vm/a bus=nvme\"",
		 "-device nvme,serial=drive0,drive=drive0,bootindex=10 "},
		{"disk = \"/vm/a format=vmdk\"", "format=vmdk,file=/vm/a "},
		{"qemu-machine = \"microvm\" disk = \"/vm/a\" nic = \"user\"",
		 "-device virtio-blk-device,drive=drive0,bootindex=10 -netdev user,id=net0 "
		 "-device virtio-net-device,netdev=net0,mac=52:54:00:"},
		{"boot = \"cd /iso/a.iso\" disk = \"/vm/a\"",
		 "-drive if=none,id=drive0,format=raw,media=cdrom,readonly=on,file=/iso/a.iso "
		 "-device ide-cd,drive=drive0,bootindex=0 -drive if=none,id=drive1,format=raw,file=/vm/a "
		 "-device virtio-blk-pci,drive=drive1,bootindex=10 "},
		{"boot = \"dvd\" disk = {\"/vm/a\", \"/iso/a.iso cdrom\"}",
		 "-device ide-cd,drive=drive1,bootindex=0 "},
		{"boot = \"floppy /f.img\"", "-device isa-fdc -global isa-fdc.bootindexA=0 "
					     "-device floppy,unit=0,drive=drive0 "},
		{"boot = \"floppy /f.img\" qemu-machine = \"pc\"",
		 "file=/f.img -global isa-fdc.bootindexA=0 "},
		{"boot = \"usb /u.img\"",
		 "-device usb-storage,bus=usb.0,drive=drive0,bootindex=0 "},
		{"boot = \"virtual-disk /v.qcow2\" disk = \"/vm/a\"",
		 "-drive if=none,id=drive0,format=qcow2,file=/v.qcow2 "
		 "-device virtio-blk-pci,drive=drive0,bootindex=0 "},
		{"boot = \"disk\" disk = {\"/iso/a.iso cdrom\", \"/vm/a\"}",
		 "-device ide-cd,drive=drive0,bootindex=10 -drive if=none,id=drive1,format=raw,"
		 "file=/vm/a -device virtio-blk-pci,drive=drive1,bootindex=0 "},
		{"boot = \"network\" disk = \"/vm/a\" nic = \"tap br0\" mac = \"02:00:00:00:00:07\"",
		 "script=no,downscript=no -device virtio-net-pci,netdev=net0,mac=02:00:00:00:00:07,"
		 "bootindex=0 "},
		{"install = \"cd /iso/a.iso disk /vm/n.qcow2 20G init\" disk = {\"/vm/n.qcow2\", \"/vm/b\"}",
		 "-device ide-cd,drive=drive0,bootindex=0 "
		 "-drive if=none,id=drive1,format=qcow2,file=/vm/n.qcow2 "
		 "-device virtio-blk-pci,drive=drive1,bootindex=1 "
		 "-drive if=none,id=drive2,format=raw,file=/vm/b "
		 "-device virtio-blk-pci,drive=drive2,bootindex=10 -display none -no-reboot "},
		{"nic = {\"user hostfwd=tcp::2222-:22\", \"vde /run/vde.ctl\", \"bridge br0 model=e1000\", "
		 "\"none\"} mac = {\"02:00:00:00:00:01\", \"02:00:00:00:00:02\", \"02:00:00:00:00:03\"}",
		 "-netdev user,id=net0,hostfwd=tcp::2222-:22 "
		 "-device virtio-net-pci,netdev=net0,mac=02:00:00:00:00:01,bootindex=10 "
		 "-netdev vde,id=net1,sock=/run/vde.ctl "
		 "-device virtio-net-pci,netdev=net1,mac=02:00:00:00:00:02,bootindex=11 "
		 "-netdev bridge,id=net2,br=br0 -device e1000,netdev=net2,mac=02:00:00:00:00:03,"
		 "bootindex=12 -display none "},
		{"display = \"vnc\"", "-display none -vga std -device qemu-xhci,id=usb "
				      "-device usb-tablet,bus=usb.0 -vnc 127.0.0.1:0,to=99 "},
		{"display = \"vnc unix\"", "-vnc unix:/run/g/vm1/vnc "},
		{"display = \"vnc 10.0.0.1:7\"", "-vnc 10.0.0.1:7 "},
		{"display = \"sdl\"", "-display sdl -vga std "},
		{"display = \"curses\"", "-display curses -vga std -chardev "},
		{"serial = {\"socket\", \"none\", \"pty\"}",
		 "-chardev socket,id=stoker-serial0,path=/run/g/vm1/serial0,server=on,wait=off "
		 "-serial chardev:stoker-serial0 -serial none -serial pty -chardev "},
		{"qemu-args = {\"-device virtio-rng-pci\", \"-boot 'menu=on'\"}",
		 "-pidfile /run/g/vm1/pid -device virtio-rng-pci -boot menu=on"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char *line = line_of(table[i].keys, 0, NULL);

		assert_contains(line, table[i].part);
		free(line);
	}
}

static void what_contradicts_itself_is_told(void **state)
{
	struct fault f;

	(void)state;
	assert_null(line_of("boot = \"network\"", -EINVAL, &f));
	assert_contains(f.text, "has no network to boot from");
	assert_null(line_of("boot = \"cd\" disk = \"/vm/a\"", -EINVAL, &f));
	assert_contains(f.text, "has nothing of the kind that it shall boot from");
}

static void wrong_values_are_told(void **state)
{
	static const struct {
		const char *key, *sentence;
	} table[] = {
		{"memory = \"lots\"", "\"lots\" is no size: write for example 512M or 2G"},
		{"memory = \"0\"", "\"0\" is no size that a guest can have"},
		{"cpus = 0", "from 1 to 4096"},
		{"disk = \"a.img\"", "\"a.img\" is not an absolute path"},
		{"disk = \"/a bus=isa\"",
		 "there is no bus \"isa\": write virtio, scsi, ide, usb, nvme"},
		{"disk = \"/a fast\"", "\"fast\" says nothing of a disk"},
		{"disk = \"\"", "disk: the value is empty"},
		{"nic = \"tap\"", "\"tap\" wants the bridge's name behind it"},
		{"nic = \"vde\"", "\"vde\" wants the socket of its switch behind it"},
		{"nic = \"token-ring\"", "there is no network \"token-ring\""},
		{"nic = \"user fast\"", "\"fast\" says nothing of this network"},
		{"boot = \"tape\"", "nothing boots from \"tape\""},
		{"boot = \"floppy\"", "floppy wants the path of an image behind it"},
		{"boot = \"network /x\"", "the network has no path"},
		{"boot = \"cd /a /b\"", "\"/b\" is one too many"},
		{"install = \"cd /a.iso\"", "it names no target"},
		{"install = \"cd /a.iso disk /b init\"", "init makes the target: write how large"},
		{"install = \"cd /a.iso disk /b 20X init\"", "\"20X\" is no size"},
		{"install = \"cd /a.iso disk /b 20G init now\"", "is one too many"},
		{"display = \"curses now\"", "write vnc, vnc unix, or vnc HOST:NUMBER"},
		{"display = \"x11\"", "there is no display \"x11\": write none, vnc, sdl"},
		{"display = \"vnc here\"", "write vnc, vnc unix, or vnc HOST:NUMBER"},
		{"firmware = \"/a /b /c\"", "write one image, or code and variables"},
		{"qemu-machine = \"q35 smm=off\"", "\"q35 smm=off\" is not one word"},
		{"on = \"qemu incoming\"", "qemu on incoming 10.0.0.2:4444"},
		{"on = \"qemu incoming h:99999\"", "the port \"99999\" is not a number"},
		{"off = \"qemu now\"", "\"off\" takes no argument \"now\""},
		{"stop = \"qemu sysrq S\"", "there is no magic key \"S\""},
		{"console = \"qemu com1\"", "qemu has no console \"com1\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char text[512], *errors;

		snprintf(text, sizeof(text), "machine \"vm1\" { guest = \"qemu\"\n%s }\n",
			 table[i].key);
		errors = errors_of(text);
		assert_contains(errors, table[i].sentence);
		free(errors);
	}
}

static void guests_without_a_mac_have_one_of_their_own_that_stays(void **state)
{
	struct model *model = model_of("machine \"vm[1-2]\" { guest = \"qemu\" }\n");
	uint8_t a[6], b[6], again[6];

	(void)state;
	assert_int_equal(nic_mac(machine_find(model, "vm1"), 0, a, NULL), 0);
	assert_int_equal(nic_mac(machine_find(model, "vm1"), 0, again, NULL), 0);
	assert_int_equal(nic_mac(machine_find(model, "vm2"), 0, b, NULL), 0);
	assert_memory_equal(a, again, 6);
	assert_memory_not_equal(a, b, 6);
	assert_memory_equal(a, ((uint8_t[3]){0x52, 0x54, 0x00}), 3);
	assert_int_equal(nic_mac(machine_find(model, "vm1"), 1, b, NULL), 0);
	assert_memory_not_equal(a, b, 6);
	model_free(model);
}

static void a_folder_too_long_for_sockets_is_told(void **state)
{
	struct model *model = model_of("machine \"vm1\" { guest = \"qemu\" }\n");
	char folder[200];
	json_t *arguments;
	struct fault f;

	(void)state;
	memset(folder, 'x', sizeof(folder) - 1);
	folder[0] = '/';
	folder[sizeof(folder) - 1] = '\0';
	assert_int_equal(qemu_command(machine_find(model, "vm1"), folder, "tcg", &arguments, &f),
			 -ENAMETOOLONG);
	assert_contains(f.text, "set STOKER_RUN to a shorter one");
	model_free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_key_has_its_place_in_the_command_line),
		cmocka_unit_test(what_contradicts_itself_is_told),
		cmocka_unit_test(wrong_values_are_told),
		cmocka_unit_test(guests_without_a_mac_have_one_of_their_own_that_stays),
		cmocka_unit_test(a_folder_too_long_for_sockets_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
