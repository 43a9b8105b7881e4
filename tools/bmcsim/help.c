/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What --help says. See help.h. */
#include "help.h"
#include "fault.h"

static const char before[] =
"bmcsim: any number of BMCs in one process. Every address of 127.0.0.0/8 is one, from its first packet on;\n"
"with --bind :: those of IPv6 too. Packets that do not come by the loopback interface are dropped.\n"
"\n"
"The socket\n"
"  --port N             UDP port; 0: any that is free (623)\n"
"  --bind ADDRESS       of the socket (0.0.0.0)\n"
"  --anywhere           answer what comes by other interfaces too\n"
"  --addresses RANGE    only these are BMCs\n"
"  --ready-fd N         where \"ready PORT\" is written when the socket is there (1)\n"
"\n"
"Settings, of all BMCs or of those of the --at before them\n"
"  --at RANGE           127.0.0.5,127.0.1.0/24,127.0.2.1-127.0.3.9,127.0.4.1-20; \"all\" ends it\n"
"  --user NAME:PASSWORD:PRIVILEGE\n"
"                       callback, user, operator or admin; again for more; an empty name is the anonymous\n"
"                       one. Without any: admin:secret:admin\n"
"  --users FILE         the same from a file, one a line\n"
"  --kg KEY             K_g, text or 0x and hexadecimal digits\n"
"  --guid HEX           32 digits, in the order of packets (made of the address)\n"
"  --suites LIST        cipher suites on offer (0,1,2,3,6,7,8,11,12,15,16,17)\n"
"  --auth LIST          authentication types of IPMI 1.5 (none,md5,password)\n"
"  --per-message-auth on|off, --user-level-auth on|off\n"
"                       whether each message of an IPMI 1.5 session, each of user level, needs its code (on)\n"
"  --sessions N         at once, 1 to 100 (8); log-ins that are not complete make room\n"
"  --power on|off       at first (off)\n"
"  --power-delay MS     from on, off, soft to the state (0)\n"
"  --cycle-interval MS  without power in a cycle (1000)\n"
"  --power-program PROGRAM\n"
"                       stands for the power: PROGRAM ADDRESS get power prints power:0 or power:1;\n"
"                       PROGRAM ADDRESS set WORD VALUE, with power 0|1, reset 1, shutdown 1, nmi 1,\n"
"                       boot none|pxe|disk|…\n"
"  --fault NAME[=VALUE][@RANGE]\n"
"                       a fault, see below; again for more\n"
"\n"
"For tests\n"
"  --seed N             what is random in faults repeats for each BMC\n"
"  --log FILE           a line for each thing asked: ADDRESS WHAT RESULT\n"
"  --control PATH       a UNIX stream socket: a line asks, a line answers\n"
"                         get ADDRESS power|identify|boot|booted|controls|requests|sessions|logins\n"
"                         set ADDRESS power on|off\n"
"                         count ADDRESS sessions, logins ADDRESS, close ADDRESS (all its sessions)\n"
"                         fault ADDRESS|all [-]NAME[=VALUE], with - switched off\n"
"                         stats\n"
"  --ask PATH WORDS…    asks there, prints the answer, and ends\n"
"\n"
"Faults (PERCENT without a value: 30 for losses, doubles and order, else 100)\n";

void help_print(void)
{
	fputs(before, stdout);
	fault_list(stdout);
}
