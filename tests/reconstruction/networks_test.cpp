// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/networks.h"

#include "reconstruction/tiny_networks.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

struct SavedNetworks {
  std::filesystem::path segmenter;
  std::filesystem::path generator;
};

SavedNetworks save(const Networks& networks) {
  const auto folder = test::fresh_folder();
  const SavedNetworks saved{folder / "segmenter.safetensors", folder / "generator.safetensors"};
  save_weights(saved.segmenter, *networks.segmenter.network, networks.segmenter.info);
  save_weights(saved.generator, *networks.generator.network, networks.generator.info);
  return saved;
}

}  // namespace

TEST(Networks, ComeBackFromTheirFiles) {
  const auto saved = save(test::tiny_networks());
  const Networks networks = load_networks(saved.segmenter, saved.generator);
  EXPECT_TRUE(has_morphology(networks.generator));
  EXPECT_GT(parameter_bytes(networks), 4 * test::parameter_count(*networks.generator.network));
}

TEST(Networks, SwappedFilesAreAnError) {
  const auto saved = save(test::tiny_networks());
  EXPECT_THROW(load_networks(saved.generator, saved.segmenter), Error);
}

TEST(Networks, AnUnknownDeviceIsAnError) {
  const auto saved = save(test::tiny_networks());
  for (const char* device : {"gpu", "cuda:77", "meta", "cpu:x"}) {
    EXPECT_THROW(load_networks(saved.segmenter, saved.generator, device), Error) << device;
  }
}

TEST(Networks, ThatDoNotBelongTogetherAreRefused) {
  auto networks = test::tiny_networks();
  EXPECT_NO_THROW(check_networks(networks));
  networks.segmenter.info.input_rule.spacing_mm = 1.5;
  EXPECT_THROW(check_networks(networks), Error);

  networks = test::tiny_networks();
  auto wider = test::tiny_medformer();
  wider.base_channels = 8;
  networks.segmenter.network = MedFormer(wider);
  EXPECT_THROW(check_networks(networks), Error);
}

TEST(Networks, RangesMayDiffer) {
  const auto networks = test::tiny_networks();
  EXPECT_NE(networks.segmenter.info.input_rule.range_low,
            networks.generator.info.input_rule.range_low);
  EXPECT_NO_THROW(check_networks(networks));
}

TEST(Networks, MoreMemoryTakesMorePatchesAndNoneIsTooLittle) {
  const auto networks = test::tiny_networks();
  EXPECT_EQ(patches_per_batch(networks, 0), 1);
  EXPECT_GT(patches_per_batch(networks, 1024), patches_per_batch(networks, 64));
  // The paper's size within 4 GiB, the bundled one within 1 GiB.
  EXPECT_LT(generator_bytes(paper_autoencoder()), int64_t{4} << 30);
  EXPECT_LT(8 * generator_bytes(small_autoencoder()), int64_t{1} << 30);
}

}  // namespace dmcvr
