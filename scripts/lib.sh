# SPDX-License-Identifier: MIT
# What the set-up scripts share; sourced with the checkout as the cwd.
# shellcheck shell=sh

say() {
	printf '%s\n' "$*" >&2
}

die() {
	say "$(basename "$0"): $*"
	exit 1
}

# Runs a command as root: directly, or by sudo.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "needs root or sudo for: $*"
	fi
}

# The package manager's family of this machine.
distribution() {
	if command -v apt-get >/dev/null; then
		echo debian
	elif command -v dnf >/dev/null; then
		echo fedora
	elif command -v pacman >/dev/null; then
		echo arch
	elif command -v apk >/dev/null; then
		echo alpine
	else
		echo unknown
	fi
}

# Those of the named packages that are not installed, one a line.
missing_packages() {
	for package; do
		case $(distribution) in
		debian)
			dpkg-query -W -f '${db:Status-Status}\n' "$package" \
				2>/dev/null | grep -qx installed ;;
		fedora) rpm -q --quiet --whatprovides "$package" ;;
		arch) pacman -T "$package" >/dev/null ;;
		alpine) apk info -q -e "$package" ;;
		esac || echo "$package"
	done
}

apt_install() {
	export DEBIAN_FRONTEND=noninteractive
	set -- install -y -q --no-install-recommends "$@"
	# The lists may be absent or old: a second try has fresh ones.
	as_root env DEBIAN_FRONTEND=noninteractive apt-get "$@" ||
		{ as_root apt-get update -q &&
			as_root env DEBIAN_FRONTEND=noninteractive \
				apt-get "$@"; }
}

# Installs what is missing; its output is seen only when it fails.
install_packages() {
	missing=$(missing_packages "$@")
	[ -n "$missing" ] || return 0
	say "installing $(echo "$missing" | tr '\n' ' ')"
	mkdir -p build
	# shellcheck disable=SC2086 # a list of words
	case $(distribution) in
	debian) apt_install $missing ;;
	fedora) as_root dnf install -y -q $missing ;;
	arch) as_root pacman -S --needed --noconfirm $missing ;;
	alpine) as_root apk add -q $missing ;;
	esac >build/install.log 2>&1 </dev/null ||
		{ tail -n 20 build/install.log >&2
		  die "could not install: $(echo "$missing" | tr '\n' ' ')"; }
}

# make_venv NAME REQUIREMENT… - build/venv/NAME with just that in it.
make_venv() {
	venv=build/venv/$1
	log=build/install-$1.log # several may be made at once
	shift
	wanted=$(printf '%s\n' "$@")
	[ "$(cat "$venv/.requirements" 2>/dev/null)" != "$wanted" ] || return 0
	say "making $venv: $*"
	python=${PYTHON:-/usr/bin/python3}
	rm -rf "$venv"
	mkdir -p build/venv
	# pip's cache stays in the checkout too.
	{ "$python" -m venv "$venv" &&
		PIP_CACHE_DIR=$PWD/build/pip-cache \
		PIP_DISABLE_PIP_VERSION_CHECK=1 \
		"$venv/bin/pip" install -q "$@"; } >"$log" 2>&1 ||
		{ tail -n 20 "$log" >&2
		  die "could not make $venv"; }
	printf '%s\n' "$wanted" >"$venv/.requirements"
}
