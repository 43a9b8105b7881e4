# SPDX-License-Identifier: GPL-3.0-or-later
# A guest in one sector. It says on the serial line that it runs, and switches its machine off when the power button
# is pressed. The same code starts from disk and by network: the BIOS and PXE load it to the same place.
#
#	--defsym network=1	another greeting
#	--defsym slow=1		takes a second to switch off
#	--defsym deaf=1		does not care for the button
#	--defsym talks=1	repeats what is typed on the serial line, and answers each line
#
# ACPI specification, section 4.8.3.1: the PM1 registers, fixed power button and sleep type. The base is where SeaBIOS
# puts it on QEMU's machine "pc", whose sleep type for S5 is 0.

	.equ PM1_STATUS, 0x600
	.equ PM1_ENABLE, 0x602
	.equ PM1_CONTROL, 0x604
	.equ POWER_BUTTON, 1 << 8
	.equ SLEEP_S5, 1 << 13
	.equ SERIAL, 0x3f8
	.equ SERIAL_FIFO, 0x3fa
	.equ SERIAL_STATUS, 0x3fd

	.code16
	.globl _start
_start:
	ljmp	$0, $main
main:
	xor	%ax, %ax
	mov	%ax, %ds
	mov	%ax, %ss
	mov	$0x7c00, %sp
	# the button works before the greeting says that it does
	mov	$PM1_ENABLE, %dx
	.ifndef deaf
	mov	$POWER_BUTTON, %ax
	.endif
	out	%ax, %dx

	.ifdef talks
	mov	$SERIAL_FIFO, %dx
	mov	$1, %al
	out	%al, %dx
	.endif
	mov	$greeting, %si
	call	say

	# the BIOS's clock wakes it 18 times a second
idle:	sti
	hlt
	.ifdef talks
listen:	mov	$SERIAL_STATUS, %dx
	in	%dx, %al
	test	$1, %al
	jz	1f
	mov	$SERIAL, %dx
	in	%dx, %al
	out	%al, %dx
	cmp	$'\n', %al
	jne	listen
	mov	$answer, %si
	call	say
	jmp	listen
1:
	.endif
	mov	$PM1_STATUS, %dx
	in	%dx, %ax
	test	$POWER_BUTTON, %ax
	jz	idle

	.ifdef slow
	mov	$20, %cx
2:	hlt
	loop	2b
	.endif
	mov	$PM1_CONTROL, %dx
	mov	$SLEEP_S5, %ax
	out	%ax, %dx
3:	hlt
	jmp	3b

say:	mov	$SERIAL, %dx
1:	lodsb
	test	%al, %al
	jz	2f
	out	%al, %dx
	jmp	1b
2:	ret

	.ifdef talks
answer:	.asciz	"the guest has heard it\n"
	.endif
greeting:
	.ifdef network
	.asciz	"booted by network\n"
	.else
	.asciz	"guest is up\n"
	.endif
	.org	510
	.word	0xaa55
