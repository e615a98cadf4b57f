#!/usr/bin/env bash
# Installs the Debian packages that dmcvr needs. Quick and silent when nothing is missing.
#
#   scripts/install_dependencies.sh            what building and testing need
#   scripts/install_dependencies.sh --check    also what 'make check', 'make bench' and 'make format' need
set -euo pipefail

packages=(
  # compiler and build
  g++ make cmake ninja-build
  # the library
  # LibTorch alone would multiply matrices with the reference BLAS, several times slower than OpenBLAS.
  # Gloo's headers let several processes train together.
  libtorch-dev libgloo-dev libopenblas0-openmp libvtk9-dev libgdcm-dev libarchive-dev zlib1g-dev nlohmann-json3-dev libcli11-dev libspdlog-dev libfmt-dev libstb-dev
  # tests: GoogleTest, and independent readers of NIfTI and DICOM files
  libgtest-dev libgmock-dev python3-minimal python3-nibabel python3-numpy python3-pydicom
)
if [ "${1:-}" = "--check" ]; then
  packages+=(clang clang-format clang-tidy git libbenchmark-dev)
elif [ $# -gt 0 ]; then
  echo "usage: scripts/install_dependencies.sh [--check]" >&2
  exit 2
fi

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || {
    echo "These packages are missing and you are neither root nor have sudo: ${missing[*]}" >&2
    exit 1
  }
  root=(sudo)
fi

echo "Installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${root[@]}" apt-get update --quiet=2
# Without recommends: VTK's would bring a desktop.
"${root[@]}" apt-get install --quiet=2 --yes --no-install-recommends "${missing[@]}"
