# Sourced by ./run and ./test: the virtual environment in .venv, made once and mended when half made.

fail() {
  echo "错误：$*" >&2
  exit 1
}

# A bare Debian has Python without venv; root gets it from Debian's packages, others are told the command.
bring_venv() {
  "$1" -c 'import ensurepip, venv' 2>/dev/null && return
  [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null || return 0
  echo "安装 Debian 软件包 python3-venv …"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv; } \
    >.venv.err 2>&1 || fail "python3-venv 安装失败：$(tail -n 1 .venv.err)。请检查网络后重试。"
  rm -f .venv.err
}

find_python() {
  local candidate
  for candidate in "${PYTHON:-}" python3.11 python3; do
    if [ -n "$candidate" ] && "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  fail "需要 Python 3.11。Debian 12 请先执行：apt-get install python3 python3-venv"
}

# What keeps the environment from being used as it is; nothing when it is whole. "rebuild" before the words: from scratch.
environment_trouble() {
  local requirements=$1 stamp=$2 wanted=$3 missing
  [ -e .venv ] || [ -L .venv ] || { echo "new"; return; }
  .venv/bin/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || {
    echo "rebuild 不能使用（Python 已更换或被删除）"
    return
  }
  .venv/bin/python -m pip --version >/dev/null 2>&1 || { echo "rebuild 只建了一半"; return; }
  [ -f "$stamp" ] || { echo "上次没有装完"; return; }
  [ "$(cat "$stamp")" = "$wanted" ] || { echo "与依赖清单不一致"; return; }
  missing=$(.venv/bin/python fanpin/embedded/installed.py "$requirements" 2>/dev/null) || echo "rebuild 已损坏：${missing:-依赖包}"
}

# make_environment FILE: installs the pinned packages of FILE (and of requirements.txt) unless all of them are there, whole.
make_environment() {
  local requirements=$1 stamp wanted trouble
  wanted=$(cat requirements.txt "$requirements" | sha256sum | cut -d' ' -f1)
  stamp=".venv/.installed-${requirements%.txt}"
  [ -n "$(environment_trouble "$requirements" "$stamp" "$wanted")" ] || return 0
  [ -w . ] || fail "目录 $PWD 不可写，无法建立 Python 环境。"
  exec 9>.venv.lock
  command -v flock >/dev/null && flock 9
  # Another start may have mended it while this one waited.
  trouble=$(environment_trouble "$requirements" "$stamp" "$wanted")
  if [ -n "$trouble" ]; then
    mend_environment "$requirements" "$trouble"
    echo "$wanted" >"$stamp"
    [ "$requirements" = requirements.txt ] || cat requirements.txt requirements.txt | sha256sum | cut -d' ' -f1 >.venv/.installed-requirements
  fi
  exec 9>&-
  rm -f .venv.lock
}

mend_environment() {
  local requirements=$1 trouble=$2 python free
  python=$(find_python) || exit 1
  free=$(df -Pk . | awk 'NR==2 {print $4}')
  [ "$free" -gt 1500000 ] || fail "磁盘空间不足：安装依赖至少需要 1.5 GB，当前只剩 $((free / 1024)) MB。"
  case $trouble in
    new) build_environment "$python" ;;
    rebuild*)
      echo "Python 环境${trouble#rebuild }，重新建立。"
      build_environment "$python"
      ;;
    *)
      echo "Python 环境$trouble，继续安装。"
      rm -f .venv/.installed-*
      ;;
  esac
  install_packages "$requirements"
  .venv/bin/python fanpin/embedded/installed.py "$requirements" >/dev/null 2>&1 && return
  # Files of a stopped installation pass for installed ones: only a new environment is sure to be whole.
  echo "安装后仍不完整，重新建立 Python 环境。"
  build_environment "$python"
  install_packages "$requirements"
  local missing
  missing=$(.venv/bin/python fanpin/embedded/installed.py "$requirements" 2>/dev/null) || fail "依赖没有装全：$missing。请检查磁盘后重试。"
}

build_environment() {
  echo "建立 Python 环境 …"
  rm -rf .venv
  bring_venv "$1"
  "$1" -m venv .venv >/dev/null 2>.venv.err || {
    rm -rf .venv
    fail "无法建立 Python 环境（Debian 需要 python3-venv，请以 root 执行：apt-get install python3-venv）。$(tail -n 1 .venv.err 2>/dev/null)"
  }
  rm -f .venv.err
}

install_packages() {
  echo "安装依赖（$1，首次约需一两分钟）…"
  if ! .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --root-user-action=ignore \
    -r "$1" 2>.venv/pip.log; then
    tail -n 5 .venv/pip.log >&2
    fail "依赖安装失败，请检查网络和磁盘后重试；完整日志：.venv/pip.log"
  fi
}

# A key of this data folder's own: a demonstration that is opened to the office network must not share one with the world.
keep_secret_key() {
  [ -z "${SECRET_KEY:-}" ] || return 0
  mkdir -p "$FANPIN_DATA" 2>/dev/null || fail "数据目录 $FANPIN_DATA 无法建立，请检查权限和磁盘，或用 FANPIN_DATA 指定别的目录。"
  local file="$FANPIN_DATA/secret-key"
  if [ ! -s "$file" ]; then
    (umask 077 && head -c 48 /dev/urandom | base64 -w 0 >"$file") 2>/dev/null || fail "数据目录 $FANPIN_DATA 不可写（权限不足或磁盘已满）。"
  fi
  SECRET_KEY=$(cat "$file")
  export SECRET_KEY
}
