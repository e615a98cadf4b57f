// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/initial_weights.h"

#include "support.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;

MedFormerOptions tiny_medformer(int64_t base) {
  MedFormerOptions options;
  options.base_channels = base;
  options.fusion_width = 32;
  return options;
}

WeightsInfo info_of(const MedFormerOptions& options) {
  WeightsInfo info;
  info.kind = "segmenter";
  info.options = options;
  info.labels = label_table();
  return info;
}

std::string failure(const fs::path& path, const WeightsInfo& info, torch::nn::Module& network) {
  try {
    begin_with(path, info, network);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

TEST(InitialWeights, AreThoseOfTheFileBuffersIncluded) {
  torch::manual_seed(1);
  MedFormer learned(tiny_medformer(8));
  for (auto& buffer : learned->named_buffers())
    if (buffer.value().is_floating_point()) buffer.value().add_(0.25);
  const fs::path path = test::fresh_folder() / "weights.safetensors";
  save_weights(path, *learned, info_of(learned->options), torch::kFloat32);

  torch::manual_seed(2);
  MedFormer fresh(tiny_medformer(8));
  EXPECT_EQ(begin_with("", info_of(fresh->options), *fresh), "");
  const auto before = named_tensors(*fresh).begin()->second.clone();
  EXPECT_FALSE(before.equal(named_tensors(*learned).begin()->second));
  EXPECT_EQ(begin_with(path, info_of(fresh->options), *fresh), read_weights_info(path).sha256);
  for (const auto& [name, tensor] : named_tensors(*learned))
    EXPECT_TRUE(tensor.equal(named_tensors(*fresh).at(name))) << name;
}

TEST(InitialWeights, AreOfTheSameNetwork) {
  MedFormer learned(tiny_medformer(8)), wider(tiny_medformer(16));
  const fs::path path = test::fresh_folder() / "weights.safetensors";
  save_weights(path, *learned, info_of(learned->options));
  EXPECT_NE(failure(path, info_of(wider->options), *wider).find("network.base_channels is 8"),
            std::string::npos);
  WeightsInfo other = info_of(learned->options);
  other.kind = "generator";
  EXPECT_NE(failure(path, other, *learned).find("holds a segmenter"), std::string::npos);
  EXPECT_NE(failure(path.string() + "x", info_of(learned->options), *learned), "");
}

}  // namespace dmcvr
