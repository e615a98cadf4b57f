// SPDX-License-Identifier: Apache-2.0
// Expected digests: the examples of FIPS 180-4 (one block, two blocks, a million letters).
#include "dmcvr/core/sha256.h"

#include "support.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

#include <fstream>

namespace dmcvr {

TEST(Sha256, EqualsThePublishedExamples) {
  EXPECT_EQ(sha256_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_of(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, DoesNotDependOnThePieces) {
  const std::string text(1000, 'x');
  for (const size_t piece : {1, 63, 64, 65, 999}) {
    Sha256 hash;
    for (size_t begin = 0; begin < text.size(); begin += piece) {
      hash.update(text.data() + begin, std::min(piece, text.size() - begin));
    }
    EXPECT_EQ(hash.hex(), sha256_of(text)) << piece;
  }
}

TEST(Sha256, ReadsFiles) {
  const auto path = test::fresh_folder() / "a";
  std::ofstream(path) << "abc";
  EXPECT_EQ(sha256_of_file(path), sha256_of("abc"));
  EXPECT_THROW(sha256_of_file(path / "b"), Error);
}

}  // namespace dmcvr
