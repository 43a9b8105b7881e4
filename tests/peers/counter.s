# SPDX-License-Identifier: GPL-3.0-or-later
# A guest in one sector whose state can be asked for: for each byte on the serial line it answers with the next letter of
# the alphabet, and after z with a. Only memory holds where it is. Its power button switches it off, as in guest.s, where
# the registers are explained.

	.equ PM1_STATUS, 0x600
	.equ PM1_ENABLE, 0x602
	.equ PM1_CONTROL, 0x604
	.equ POWER_BUTTON, 1 << 8
	.equ SLEEP_S5, 1 << 13
	.equ SERIAL, 0x3f8
	.equ LINE_STATUS, SERIAL + 5

	.code16
	.globl _start
_start:
	ljmp	$0, $main
main:
	xor	%ax, %ax
	mov	%ax, %ds
	mov	%ax, %ss
	mov	$0x7c00, %sp
	mov	$PM1_ENABLE, %dx
	mov	$POWER_BUTTON, %ax
	out	%ax, %dx
	mov	$'!', %al
	mov	$SERIAL, %dx
	out	%al, %dx

	# the BIOS's clock wakes it 18 times a second
idle:	sti
	hlt
	mov	$PM1_STATUS, %dx
	in	%dx, %ax
	test	$POWER_BUTTON, %ax
	jnz	off
	mov	$LINE_STATUS, %dx
	in	%dx, %al
	test	$1, %al
	jz	idle

	mov	$SERIAL, %dx
	in	%dx, %al
	mov	letter, %al
	out	%al, %dx
	inc	%al
	cmp	$'z' + 1, %al
	jne	1f
	mov	$'a', %al
1:	mov	%al, letter
	jmp	idle

off:	mov	$PM1_CONTROL, %dx
	mov	$SLEEP_S5, %ax
	out	%ax, %dx
2:	hlt
	jmp	2b

letter:	.byte	'a'
	.org	510
	.word	0xaa55
