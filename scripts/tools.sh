# Sourced by the other scripts: the tools that Playhouse needs, installed where that is possible.

# Runs apt-get as root; fails where neither root nor sudo without a password is to be had.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    sudo -n "$@"
  else
    return 1
  fi
}

apt_updated=
apt_install() {
  command -v apt-get >/dev/null || return 1
  if [ -z "$apt_updated" ]; then
    as_root apt-get update -qq || return 1
    apt_updated=yes
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

# need COMMAND PACKAGE...: makes sure that a command is there, or says what to install and fails.
need() {
  local command=$1
  shift
  command -v "$command" >/dev/null && return 0
  echo "Installing $* for $command ..." >&2
  apt_install "$@" && command -v "$command" >/dev/null && return 0
  echo "$command is missing. Install it, on Debian with: apt-get install $*" >&2
  return 1
}

need_rust() {
  if ! command -v cargo >/dev/null && [ -x "$HOME/.cargo/bin/cargo" ]; then
    PATH="$HOME/.cargo/bin:$PATH"
  fi
  command -v cargo >/dev/null || {
    echo "Rust is missing (1.95 or newer). Install it from https://rustup.rs" >&2
    return 1
  }
  need cc gcc libc6-dev && need make make && need perl perl
}

# Vite wants Node.js 20.19 or newer.
need_node() {
  local fits='const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)'
  command -v node >/dev/null && command -v npm >/dev/null || apt_install nodejs npm || true
  command -v npm >/dev/null && command -v node >/dev/null && node -e "$fits" || {
    echo "Node.js 20.19 or newer, with npm, is missing. Install it from https://nodejs.org or https://github.com/nodesource/distributions" >&2
    return 1
  }
}
