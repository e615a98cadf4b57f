// SPDX-License-Identifier: Apache-2.0
// Bytes of files that may be compressed. What comes out is bounded by what the caller asks for,
// never by what a file promises.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <ostream>

namespace dmcvr {

// Reads a file from its beginning, decompressed if it starts like a gzip stream, whatever its name.
class GzipReader {
 public:
  // Throws Error if the path is no regular file, is empty or cannot be opened.
  explicit GzipReader(const std::filesystem::path& path);
  ~GzipReader();
  GzipReader(GzipReader&& other) noexcept;
  GzipReader& operator=(GzipReader&& other) = delete;

  bool is_compressed() const;
  // No more bytes than this can come out: the length of the file, times 1032 (the limit of deflate)
  // if it is compressed.
  uint64_t most_bytes() const;

  // The next `count` bytes; fewer only where the stream ends, complete or cut off. Throws Error for
  // damaged data. Bytes behind a complete gzip stream do not count.
  size_t read(void* data, size_t count);
  // Reads up to `count` bytes and forgets them; how many there were.
  uint64_t skip(uint64_t count);
  // The compressed stream ended before its own end mark. Known once a read came out short.
  bool is_cut_off() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Writes a gzip stream with neither name nor time in its header: same bytes in, same bytes out.
class GzipWriter {
 public:
  // level: 1 (fast) to 9 (small). The stream must outlive the writer.
  GzipWriter(std::ostream& stream, int64_t level);
  ~GzipWriter();
  GzipWriter(const GzipWriter&) = delete;
  GzipWriter& operator=(const GzipWriter&) = delete;

  void write(const void* data, size_t count);
  void finish();  // without it the stream is cut off

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dmcvr
