// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/gzip.h"

#include "dmcvr/core/error.h"

#include <c10/util/Exception.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

namespace dmcvr {
namespace fs = std::filesystem;

namespace {

constexpr uint64_t kLargestRatio = 1032;
constexpr size_t kChunk = size_t{1} << 18;

}  // namespace

struct GzipReader::State {
  std::string name;
  gzFile file = nullptr;
  uint64_t file_bytes = 0;

  ~State() {
    if (file != nullptr) gzclose_r(file);
  }
};

GzipReader::GzipReader(const fs::path& path) : state_(std::make_unique<State>()) {
  state_->name = path.string();
  std::error_code failure;
  const auto status = fs::status(path, failure);
  if (!fs::exists(status)) throw Error("{}: no such file", state_->name);
  if (fs::is_directory(status)) throw Error("{}: is a folder, a file is expected", state_->name);
  if (!fs::is_regular_file(status)) throw Error("{}: is not a regular file", state_->name);
  state_->file_bytes = fs::file_size(path, failure);
  if (failure) throw Error("{}: {}", state_->name, failure.message());
  if (state_->file_bytes == 0) throw Error("{}: the file is empty", state_->name);

  errno = 0;
  state_->file = gzopen(path.c_str(), "rb");
  if (state_->file == nullptr) {
    throw Error("{}: cannot be read: {}", state_->name, std::strerror(errno ? errno : ENOMEM));
  }
  gzbuffer(state_->file, kChunk);
}

GzipReader::~GzipReader() = default;
GzipReader::GzipReader(GzipReader&& other) noexcept = default;

bool GzipReader::is_compressed() const {
  return gzdirect(state_->file) == 0;
}

uint64_t GzipReader::most_bytes() const {
  return is_compressed() ? kLargestRatio * state_->file_bytes : state_->file_bytes;
}

size_t GzipReader::read(void* data, size_t count) {
  auto* target = static_cast<unsigned char*>(data);
  size_t done = 0;
  while (done < count) {
    const size_t wanted = std::min(count - done, kChunk);
    const int got = gzread(state_->file, target + done, static_cast<unsigned>(wanted));
    if (got < 0) {
      int code = Z_OK;
      const char* reason = gzerror(state_->file, &code);
      throw Error("{}: the compressed data are damaged ({}); fetch the file again", state_->name,
                  code == Z_ERRNO ? std::strerror(errno) : reason);
    }
    done += static_cast<size_t>(got);
    if (static_cast<size_t>(got) < wanted) break;
  }
  return done;
}

uint64_t GzipReader::skip(uint64_t count) {
  std::vector<unsigned char> buffer(static_cast<size_t>(std::min<uint64_t>(count, kChunk)));
  uint64_t done = 0;
  while (done < count) {
    const auto wanted = static_cast<size_t>(std::min<uint64_t>(count - done, buffer.size()));
    const size_t got = read(buffer.data(), wanted);
    done += got;
    if (got < wanted) break;
  }
  return done;
}

bool GzipReader::is_cut_off() const {
  int code = Z_OK;
  gzerror(state_->file, &code);
  return code == Z_BUF_ERROR;
}

struct GzipWriter::State {
  std::ostream* stream = nullptr;
  z_stream deflater{};
  std::vector<unsigned char> buffer = std::vector<unsigned char>(kChunk);

  void run(int flush) {
    int code = Z_OK;
    do {
      deflater.next_out = buffer.data();
      deflater.avail_out = static_cast<unsigned>(buffer.size());
      code = deflate(&deflater, flush);
      TORCH_CHECK(code != Z_STREAM_ERROR, "GzipWriter: deflate is in no state to go on");
      stream->write(reinterpret_cast<const char*>(buffer.data()),
                    static_cast<std::streamsize>(buffer.size() - deflater.avail_out));
    } while (deflater.avail_out == 0);
  }
};

GzipWriter::GzipWriter(std::ostream& stream, int64_t level) : state_(std::make_unique<State>()) {
  TORCH_CHECK(level >= 1 && level <= 9, "GzipWriter: level ", level, " is not 1 to 9");
  state_->stream = &stream;
  constexpr int kGzipFormat = 16;
  const int code = deflateInit2(&state_->deflater, static_cast<int>(level), Z_DEFLATED,
                                MAX_WBITS + kGzipFormat, 8, Z_DEFAULT_STRATEGY);
  TORCH_CHECK(code == Z_OK, "GzipWriter: deflate does not start, code ", code);
}

GzipWriter::~GzipWriter() {
  deflateEnd(&state_->deflater);
}

void GzipWriter::write(const void* data, size_t count) {
  const auto* source = static_cast<const unsigned char*>(data);
  while (count > 0) {
    const size_t part = std::min(count, kChunk);
    state_->deflater.next_in = const_cast<unsigned char*>(source);
    state_->deflater.avail_in = static_cast<unsigned>(part);
    state_->run(Z_NO_FLUSH);
    source += part;
    count -= part;
  }
}

void GzipWriter::finish() {
  state_->run(Z_FINISH);
}

}  // namespace dmcvr
