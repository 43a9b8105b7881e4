# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# An apt of our own, for scripts that fetch from Debian's archive: the machine's own sources of packages, as far as they
# are Debian's, with lists and files in a scratch folder. The machine's configuration, and what is installed on it, stay
# as they are. apt checks the signatures, with Debian's own keys.

keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# debian_sources TYPE SUITE...: from the machine's own sources of packages, those that are Debian's, as a list of this
# type (deb, deb-src). Each line demands Debian's own key, so that whatever slipped in here would be refused by apt.
debian_sources() {
	local type=$1 file uri suite
	local suites=" ${*:2} "
	{
		for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
			[ ! -f "$file" ] || cat "$file"
		done | awk '
			{ sub(/#.*/, "") }
			$1 ~ /^deb(-src)?$/ {
				signer = match($0, /signed-by=[^] ]*/) ? substr($0, RSTART, RLENGTH) : ""
				sub(/\[[^]]*\]/, "")
				for (i = 4; i <= NF; i++)
					if ($i == "main" && (signer == "" || signer ~ /debian-archive/))
						print $2, $3
			}'
		for file in /etc/apt/sources.list.d/*.sources; do
			[ ! -f "$file" ] || { sed '/^#/d' "$file" && echo; }
		done | awk -v RS= -F'\n' '
			{
				field = ""
				split("", entry)
				for (i = 1; i <= NF; i++) {
					if (match($i, /^[A-Za-z-]+:/)) {
						field = tolower(substr($i, 1, RLENGTH - 1))
						$i = substr($i, RLENGTH + 1)
					}
					entry[field] = entry[field] " " $i
				}
				if (tolower(entry["enabled"]) ~ /no|false|off/ || entry["components"] " " !~ / main /)
					next
				if (entry["signed-by"] != "" && entry["signed-by"] !~ /debian-archive/)
					next
				uris = split(entry["uris"], uri, " ")
				suites = split(entry["suites"], suite, " ")
				for (u = 1; u <= uris; u++)
					for (s = 1; s <= suites; s++)
						print uri[u], suite[s]
			}'
	} | sort -u | while read -r uri suite; do
		[[ $uri != cdrom:* && $suites == *" ${suite%/} "* ]] || continue
		printf '%s [signed-by=%s] %s %s main\n' "$type" "$keyring" "$uri" "$suite"
	done
}

# apt_ready FOLDER TYPE ARCHITECTURE SUITE...: makes an apt in this folder, once, that apt's unprivileged user may enter;
# apt-get -c FOLDER/apt.conf is it, and files are to be fetched into FOLDER/files.
apt_ready() {
	local apt=$1 type=$2 arch=$3
	[ ! -e "$apt/ready" ] || return 0
	mkdir -p "$apt/lists" "$apt/cache" "$apt/files"
	debian_sources "$type" "${@:4}" >"$apt/sources.list"
	[ -s "$apt/sources.list" ] || echo "no Debian archive of ${*:4} in /etc/apt"
	: >"$apt/status"
	cat >"$apt/apt.conf" <<-CONF
		APT::Architecture "$arch";
		APT::Architectures { "$arch"; };
		Dir::Etc::sourcelist "$apt/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::State::Lists "$apt/lists";
		Dir::State::status "$apt/status";
		Dir::Cache "$apt/cache";
		Acquire::AllowInsecureRepositories "false";
		Acquire::ForceHash "SHA256";
		Acquire::Languages "none";
		Acquire::Retries "2";
		APT::Get::AllowUnauthenticated "false";
		#clear APT::Update::Pre-Invoke;
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
	CONF
	chmod 755 "$apt"
	[ "$(id -u)" != 0 ] || chown _apt "$apt/files" 2>/dev/null || true
	apt-get -c "$apt/apt.conf" -q update || echo "apt-get update failed: going on with what it has"
	touch "$apt/ready"
}
