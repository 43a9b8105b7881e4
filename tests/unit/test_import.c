/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guests of other programs' files become sections of ours, and what does not map is told. */
#include "test.h"
#include "base/fault.h"
#include "base/file.h"
#include "cli/import.h"

#include <errno.h>
#include <unistd.h>

typedef int import_fn(struct import *import, struct fault *f);

static struct import import;
static struct buffer out;
static struct fault f;

static int tear_down(void **state)
{
	(void)state;
	buffer_free(&out);
	import_free(&import);
	import = (struct import){0};
	return 0;
}

static int try(import_fn *does, const char *text)
{
	int err;

	import.file = "file";
	import.text = text;
	import.length = strlen(text);
	err = does(&import, &f);
	buffer_free(&out);
	import_print(&import, &out);
	return err;
}

static void gives(import_fn *does, const char *text, const char *expected)
{
	if (try(does, text))
		fail_msg("%s", f.text);
	assert_false(import.failed);
	assert_string_equal(buffer_text(&out), expected);
}

static void tells(const char *expected)
{
	assert_string_equal(buffer_text(&import.left_out), expected);
}

static void has(const char *line)
{
	assert_contains(buffer_text(&out), line);
}

/* --- CHARON ---------------------------------------------------------------------------------- */

static void a_charon_list_is_a_guest_a_line(void **state)
{
	(void)state;
	gives(import_charon,
	      "# program  configuration  auto_boot\n"
	      "/opt/charon/bin/es40 /charon/msc.cfg auto_boot\r\n"
	      "\n"
	      "  /opt/charon/bin/vax4000 ; /charon/vax.4000.cfg | no\n",
	      "# from file\n"
	      "machine \"msc\" {\n"
	      "\tguest = \"emulator\"\n"
	      "\temulator = \"charon\"\n"
	      "\temulator-program = \"/opt/charon/bin/es40\"\n"
	      "\temulator-config = \"/charon/msc.cfg\"\n"
	      "\tpath = \"/charon/msc.cfg\"\n"
	      "\tautostart = \"yes\"\n"
	      "\torder = \"1\"\n"
	      "}\n"
	      "\n"
	      "# from file\n"
	      "machine \"vax.4000\" {\n"
	      "\tguest = \"emulator\"\n"
	      "\temulator = \"charon\"\n"
	      "\temulator-program = \"/opt/charon/bin/vax4000\"\n"
	      "\temulator-config = \"/charon/vax.4000.cfg\"\n"
	      "\tpath = \"/charon/vax.4000.cfg\"\n"
	      "\tautostart = \"no\"\n"
	      "\torder = \"2\"\n"
	      "}\n");
	tells("");
}

static void a_charon_guests_own_file_gives_its_name_and_console(void **state)
{
	static const char own[] = "#set session configuration_name=\"no\"\n"
				  "set session hw_model=\"AlphaServer_ES40\"\n"
				  "set session configuration_name = \"MSCDV1\"\n"
				  "load virtual_serial_line OPA0 port=10003\n"
				  "load virtual_serial_line TTA0 port=10004\n";
	char path[] = "/tmp/test_import.XXXXXX", text[128], line[128];
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, own, sizeof(own) - 1), sizeof(own) - 1);
	close(fd);
	snprintf(text, sizeof(text), "/opt/es40 %s\n", path);
	assert_int_equal(try(import_charon, text), 0);
	unlink(path);
	has("machine \"MSCDV1\" {");
	has("emulator-console = \"telnet 10003\"");
	snprintf(line, sizeof(line), "emulator-config = \"%s\"", path);
	has(line);
	tells("");
}

static void what_a_charon_list_says_besides_is_told(void **state)
{
	(void)state;
	assert_int_equal(
		try(import_charon, "/opt/es40 /a.cfg maybe more\n/opt/es40\n/opt/es40 b.cfg\n"), 0);
	tells("file:1: \"maybe\" is not known: it says neither yes nor no to auto_boot\n"
	      "file:1: \"more\": nothing is known of what stands behind auto_boot\n"
	      "file:2: \"/opt/es40\": a guest is its program and its configuration file\n"
	      "file:3: \"b.cfg\" is not an absolute path: write emulator-config yourself\n");
}

/* --- Xen ------------------------------------------------------------------------------------- */

static void a_guest_of_xl_becomes_one_of_qemu(void **state)
{
	(void)state;
	import.path = "/etc/xen/web.cfg";
	gives(import_xl,
	      "# a guest\n"
	      "vcpus = 2; memory = 1024\n"
	      "name = 'web'\n"
	      "uuid = \"7a1c9f2e-0000-4c1e-9c6e-1b2f3a4d5e6f\"\n"
	      "kernel = \"/boot/vmlinuz\"\n"
	      "ramdisk = \"/boot/initrd\"\n"
	      "cmdline = \"root=/dev/xvda1 ro\"\n"
	      "boot = \"nc\"\n"
	      "vif = [ 'mac=00:16:3e:11:22:33, bridge=br0,model=e1000', '' ]  # two\n"
	      "disk = [\n"
	      "  '/dev/vg/web,raw,xvda,rw',   # the system\n"
	      "  'format=qcow2, vdev=xvdb, access=ro, target=/srv/my data.qcow2',\n"
	      "  'phy:/dev/vg/old,xvdc,w', 'tap:qcow2:/x.img,xvdd,r', '/d.iso,,hdc:cdrom,r',\n"
	      "]\n"
	      "vnc = 1\n",
	      "# from file\n"
	      "machine \"web\" {\n"
	      "\tguest = \"qemu\"\n"
	      "\tpath = \"/etc/xen/web.cfg\"\n"
	      "\tcpus = \"2\"\n"
	      "\tmemory = \"1024M\"\n"
	      "\tuuid = \"7a1c9f2e-0000-4c1e-9c6e-1b2f3a4d5e6f\"\n"
	      "\tkernel = \"/boot/vmlinuz\"\n"
	      "\tinitrd = \"/boot/initrd\"\n"
	      "\tappend = \"root=/dev/xvda1 ro\"\n"
	      "\tboot = \"network\"\n"
	      "\tmac = \"00:16:3e:11:22:33\"\n"
	      "\tnic = {\"tap br0 model=e1000\", \"tap xenbr0\"}\n"
	      "\tdisk = {\"/dev/vg/web\", \"/srv/my\\\\ data.qcow2 format=qcow2 readonly\", "
	      "\"/dev/vg/old\", "
	      "\"/x.img format=qcow2 readonly\", \"/d.iso cdrom\"}\n"
	      "\tdisplay = \"vnc\"\n"
	      "}\n");
	tells("file:7: cmdline: /dev/xvda1 is a disk of Xen's: those of QEMU are /dev/vda and so on\n");
}

static void what_xl_has_and_we_do_not_is_told_line_by_line(void **state)
{
	(void)state;
	assert_int_equal(try(import_xl, "name = \"a\"\n"
					"type = \"pvh\"\n"
					"maxmem = 2048\n"
					"vif = ['script=x', 'mac=00:16:3e:11:22:33']\n"
					"disk = ['vdev=xvda', 'x.img,raw,xvda,w']\n"
					"memory = \"much\"\n"
					"if x == 3:\n"
					"    maxvcpus = 1\n"
					"cpus = range(3)\n"
					"extra = 'open\n"
					"usbdevice = ['tablet'\n"),
			 0);
	tells("file:2: type = \"pvh\": the guest would be one of QEMU, not of Xen: its kernel has "
	      "to be one "
	      "that QEMU starts\n"
	      "file:3: maxmem is left out\n"
	      "file:4: vif: script=x is left out\n"
	      "file:4: mac 00:16:3e:11:22:33: the network card before it has none\n"
	      "file:5: disk: it has no target\n"
	      "file:5: disk: \"x.img\" is not an absolute path\n"
	      "file:6: memory: \"much\" is no number\n"
	      "file:7: if: is no setting of a number, a text or a list\n"
	      "file:8: maxvcpus is left out\n"
	      "file:9: cpus: is no setting of a number, a text or a list\n"
	      "file:10: extra: is no setting of a number, a text or a list\n"
	      "file:12: usbdevice: is no setting of a number, a text or a list\n");
}

static void kinds_of_xl_guests_are_told(void **state)
{
	(void)state;
	assert_int_equal(try(import_xl, "name = 'a'\ntype = 'hvm'\n"), 0);
	tells("file:2: type = \"hvm\": the guest would be one of QEMU, not of Xen\n");
}

static void a_file_of_xl_without_a_name_is_none(void **state)
{
	(void)state;
	assert_int_equal(try(import_xl, "memory = 3\n"), -EINVAL);
	assert_string_equal(f.text, "file: there is no name = in it");
}

/* --- libvirt --------------------------------------------------------------------------------- */

static const char domain[] =
	"<?xml version='1.0'?>\n"
	"<!-- made by virt-install -->\n"
	"<domain type='qemu' id='3'>\n"
	"  <uuid>2d8a5c5e-3b5e-4b44-9d0b-6f3b1c2e7a10</uuid>\n"
	"  <name>build[1]</name>\n"
	"  <title>Build &amp; test \"${HOME}\"</title>\n"
	"  <memory unit='GiB'>2</memory>\n"
	"  <vcpu>4</vcpu>\n"
	"  <os>\n"
	"    <type arch='aarch64' machine='virt-7.2'>hvm</type>\n"
	"    <loader>/usr/share/AAVMF/AAVMF_CODE.fd</loader>\n"
	"    <boot dev='network'/>\n"
	"    <boot dev='hd'/>\n"
	"  </os>\n"
	"  <features><acpi/><gic version='3'/></features>\n"
	"  <seclabel type='dynamic'><label>x</label></seclabel>\n"
	"  <devices>\n"
	"    <disk type='block' device='disk'>\n"
	"      <driver name='qemu' type='raw' cache='none'/>\n"
	"      <source dev='/dev/vg/build'/>\n"
	"      <target dev='sda' bus='scsi'/>\n"
	"    </disk>\n"
	"    <disk type='network' device='disk'><source protocol='rbd' name='x'/></disk>\n"
	"    <interface type='bridge'>\n"
	"      <mac address='52:54:00:6a:1f:02'/>\n"
	"      <source bridge='br0'/>\n"
	"      <model type='e1000'/>\n"
	"    </interface>\n"
	"    <interface type='hostdev'/>\n"
	"    <graphics type='vnc' port='-1'/>\n"
	"    <hostdev mode='subsystem'><source><address/></source></hostdev>\n"
	"  </devices>\n"
	"</domain>\n";

static void a_domain_of_libvirt_becomes_a_guest_of_qemu(void **state)
{
	(void)state;
	import.path = "/etc/libvirt/qemu/autostart/build.xml";
	gives(import_libvirt, domain,
	      "# from file\n"
	      "machine \"build_1_\" {\n"
	      "\tguest = \"qemu\"\n"
	      "\tpath = \"/etc/libvirt/qemu/autostart/build.xml\"\n"
	      "\tqemu-accelerator = \"tcg\"\n"
	      "\tuuid = \"2d8a5c5e-3b5e-4b44-9d0b-6f3b1c2e7a10\"\n"
	      "\tlabel = \"Build & test \\\"\\${HOME}\\\"\"\n"
	      "\tmemory = \"2048M\"\n"
	      "\tcpus = \"4\"\n"
	      "\tqemu-machine = \"virt-7.2\"\n"
	      "\tfirmware = \"/usr/share/AAVMF/AAVMF_CODE.fd\"\n"
	      "\tboot = \"network\"\n"
	      "\tdisk = \"/dev/vg/build bus=scsi cache=none\"\n"
	      "\tmac = \"52:54:00:6a:1f:02\"\n"
	      "\tnic = \"tap br0 model=e1000\"\n"
	      "\tdisplay = \"vnc\"\n"
	      "\tqemu-program = \"qemu-system-aarch64\"\n"
	      "\tautostart = \"yes\"\n"
	      "}\n");
	tells("file:5: the name \"build[1]\" cannot stand here: it is called build_1_\n"
	      "file:13: boot hd: it boots from the first one, network\n"
	      "file:16: seclabel is left out\n"
	      "file:23: disk: it has no source that is a file or a device\n"
	      "file:29: interface: one of type hostdev is left out\n"
	      "file:31: devices/hostdev is left out\n");
}

static void screens_of_libvirt_are_where_they_were(void **state)
{
	static const struct {
		const char *attributes, *display, *told;
	} screens[] = {
		{"type='vnc'", "vnc", ""},
		{"type='vnc' port='-1' autoport='yes' listen='127.0.0.1'", "vnc", ""},
		{"type='vnc' port='5905' autoport='no' listen='0.0.0.0'", "vnc 0.0.0.0:5", ""},
		{"type='vnc' port='5900'", "vnc 127.0.0.1:0", ""},
		{"type='vnc' port='5901' listen='::'", "vnc \\\\[::\\\\]:1", ""},
		{"type='vnc' port='80'", "vnc",
		 "file:1: graphics: port 80: those of screens begin at 5900\n"},
		{"type='vnc' port='5901' autoport='yes' listen='0.0.0.0' passwd='geheim'", "vnc",
		 "file:1: graphics: listen=0.0.0.0: with no port of its own it is on 127.0.0.1\n"
		 "file:1: graphics: its password is left out\n"},
		{"type='vnc' socket='/run/a'", "vnc",
		 "file:1: graphics: socket: \"vnc unix\" has it in the guest's folder\n"},
		{"type='sdl' display=':0'", "sdl", ""},
	};
	char text[256], line[64];

	for (size_t i = 0; i < sizeof(screens) / sizeof(screens[0]); i++) {
		snprintf(text, sizeof(text), "<domain type='kvm'><name>a</name><devices>"
			 "<graphics %s/></devices></domain>", screens[i].attributes);
		snprintf(line, sizeof(line), "display = \"%s\"\n", screens[i].display);
		assert_int_equal(try(import_libvirt, text), 0);
		has(line);
		tells(screens[i].told);
		tear_down(state);
	}
	assert_int_equal(try(import_libvirt, "<domain type='kvm'><name>a</name>"
			     "<vcpu current='2'>4</vcpu></domain>"), 0);
	has("cpus = \"4\"\n");
	tells("file:1: vcpu: current=2: all are there from the start\n");
}

static void memory_of_libvirt_has_units(void **state)
{
	static const struct {
		const char *text, *value;
	} sizes[] = {
		{"<memory>524288</memory>", "512M"},
		{"<memory unit='b'>1048577</memory>", "2M"},
		{"<memory unit='GB'>1</memory>", "954M"},
		{"<memory unit='T'>1</memory>", "1048576M"},
	};
	char text[256], line[64];

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		snprintf(text, sizeof(text), "<domain type='kvm'><name>a</name>%s</domain>",
			 sizes[i].text);
		snprintf(line, sizeof(line), "memory = \"%s\"\n", sizes[i].value);
		assert_int_equal(try(import_libvirt, text), 0);
		has(line);
		tear_down(state);
	}
	assert_int_equal(try(import_libvirt,
			     "<domain type='kvm'><name>a</name><memory unit='ell'>1</memory>"
			     "</domain>"),
			 0);
	tells("file:1: memory: \"1 ell\" is no size\n");
}

static void what_is_no_domain_is_refused(void **state)
{
	char deep[2048] = "<domain><name>a</name>";

	(void)state;
	assert_int_equal(try(import_libvirt, "<network><name>a</name></network>"), -EINVAL);
	assert_string_equal(f.text, "file: it is no domain of libvirt that has a name");
	assert_int_equal(try(import_libvirt, "<domain>\n<name>a</name>\n</oops>"), -EINVAL);
	assert_string_equal(f.text, "file:3: mismatched tag");
	/* entities may grow without bounds */
	assert_int_equal(try(import_libvirt,
			     "<!DOCTYPE domain [<!ENTITY a 'aaaa'>]>\n<domain><name>&a;</name>"
			     "</domain>"),
			 -EINVAL);
	assert_string_equal(f.text, "file:1: there is a document type in it, which no domain has");
	for (int i = 0; i < 100; i++)
		strcat(deep, "<a>");
	assert_int_equal(try(import_libvirt, deep), -EINVAL);
	assert_string_equal(f.text, "file:1: its elements lie deeper than 32");
}

/* --- whose file it is, and names ------------------------------------------------------------- */

static void files_are_told_apart_by_what_is_in_them(void **state)
{
	static const struct {
		const char *text;
		enum import_kind kind;
	} files[] = {
		{domain, IMPORT_LIBVIRT},
		{"<html></html>", IMPORT_NOT_KNOWN},
		{"# list\n/opt/es40 /a.cfg auto_boot\n", IMPORT_CHARON_LIST},
		{"\"/opt/my es40\",/a.cfg\n", IMPORT_CHARON_LIST},
		{"name = 'a'\nmemory = 3\nvif = ['']\n", IMPORT_XL},
		{"name = 'a'\nsize = 3\n", IMPORT_NOT_KNOWN},
		{"set session hw_model=\"AlphaServer_ES40\"\nload virtual_serial_line OPA0 "
		 "port=3\n",
		 IMPORT_CHARON_GUEST},
		{"; a PDP-11\nset cpu 11/70\nset console telnet=1000\natt rp0 rp.dsk\nboot rp0\n",
		 IMPORT_SIMH},
		{"global = 1\nmachine \"a\" {\n}\n", IMPORT_STOKER},
		{"#!/bin/sh\nset -e\nexit 0\n", IMPORT_NOT_KNOWN},
		{"", IMPORT_NOT_KNOWN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (import_kind_of(files[i].text) != files[i].kind)
			fail_msg("%s is taken for %s", files[i].text,
				 import_kind_name(import_kind_of(files[i].text)));
	}
}

static void a_name_that_is_taken_gets_a_number(void **state)
{
	(void)state;
	assert_int_equal(try(import_charon,
			     "/opt/es40 /a/x.cfg\n/opt/es40 /b/x.cfg\n/opt/es40 /c/all.cfg\n"),
			 0);
	has("machine \"x\" {");
	has("machine \"x-2\" {");
	has("machine \"guest\" {");
	tells("file:2: the name \"x\" cannot stand here: it is called x-2\n"
	      "file:3: the name \"all\" cannot stand here: it is called guest\n");
}

static void what_the_configuration_would_refuse_is_left_out(void **state)
{
	char text[4096] = "name='a'\nuuid='x'\nkernel='/a\\tb'\nextra='";

	(void)state;
	memset(text + strlen(text), 'x', 2000);
	strcat(text, "'\nramdisk=''\n");
	assert_int_equal(try(import_xl, text), 0);
	assert_contains(buffer_text(&import.left_out), "file:2: uuid: ");
	assert_contains(buffer_text(&import.left_out),
			"file:3: kernel: there are control characters in its "
			"value\nfile:4: append: its value is too long\nfile:5: initrd: its value "
			"is empty\n");
}

#define IMPORT_TEST(test) cmocka_unit_test_teardown(test, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IMPORT_TEST(a_charon_list_is_a_guest_a_line),
		IMPORT_TEST(a_charon_guests_own_file_gives_its_name_and_console),
		IMPORT_TEST(what_a_charon_list_says_besides_is_told),
		IMPORT_TEST(a_guest_of_xl_becomes_one_of_qemu),
		IMPORT_TEST(what_xl_has_and_we_do_not_is_told_line_by_line),
		IMPORT_TEST(kinds_of_xl_guests_are_told),
		IMPORT_TEST(a_file_of_xl_without_a_name_is_none),
		IMPORT_TEST(a_domain_of_libvirt_becomes_a_guest_of_qemu),
		IMPORT_TEST(screens_of_libvirt_are_where_they_were),
		IMPORT_TEST(memory_of_libvirt_has_units),
		IMPORT_TEST(what_is_no_domain_is_refused),
		IMPORT_TEST(files_are_told_apart_by_what_is_in_them),
		IMPORT_TEST(a_name_that_is_taken_gets_a_number),
		IMPORT_TEST(what_the_configuration_would_refuse_is_left_out),
	};

	return cmocka_run_group_tests_name("import", tests, NULL, NULL);
}
