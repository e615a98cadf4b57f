// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/models/medformer.h"

#include "support_models.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/models/precision.h"

#include <gtest/gtest.h>
#include <torch/utils.h>

#include <set>

namespace dmcvr {
namespace {

using test::expect_close;
using test::golden_input;

// 3e-5 of the largest value (tests/golden/README.md).
void expect_close_in_size(const torch::Tensor& actual, const torch::Tensor& expected,
                          const std::string& what) {
  expect_close(actual, expected, 3e-5 * expected.abs().max().item<double>(), what);
}

MedFormer golden_medformer() {
  MedFormer network(paper_medformer());
  test::fill_golden(*network, "medformer");
  network->eval();
  return network;
}

TEST(MedFormerGolden, NamesAndShapesEqualTheReference) {
  const MedFormer network(paper_medformer());
  EXPECT_EQ(test::shapes_of(*network), test::reference_shapes("medformer"));
  EXPECT_EQ(test::parameter_count(*network), 19187044);
}

TEST(MedFormerGolden, EveryStageEqualsTheReference) {
  const torch::NoGradGuard no_grad;
  const auto golden = test::golden("medformer");
  auto network = golden_medformer();
  std::map<std::string, torch::Tensor> seen;
  const auto x = golden_input("medformer.x64", {2, 1, 64, 64}, 0.5, 0.5);
  const auto logits = network->forward(
      x, [&](const std::string& name, const torch::Tensor& value) { seen[name] = value; });
  const std::map<std::string, std::string> stages = {
      {"inc", "inc"},          {"down1", "down1"},
      {"down2", "down2.feat"}, {"map2", "down2.map"},
      {"down3", "down3.feat"}, {"map3", "down3.map"},
      {"map4", "down4.map"},   {"down4", "down4.feat(l_mor)"},
      {"fused2", "fused0"},    {"fused3", "fused1"},
      {"fused4", "fused2"},    {"up1", "up1.feat"},
      {"up1_map", "up1.map"},  {"up2", "up2.feat"},
      {"up2_map", "up2.map"}};
  for (const auto& [ours, theirs] : stages) {
    expect_close_in_size(seen.at(ours), golden.at("S64." + theirs), theirs);
  }
  expect_close_in_size(logits, golden.at("S64.logits"), "logits 64");
  EXPECT_TRUE(network->morphology(x).equal(seen.at("down4")));

  // The auxiliary head that the reference defines and never switches on, put onto our features.
  const auto head =
      at::conv2d(seen.at("up2"), test::golden_weight("medformer", "aux_out.weight", {4, 128, 1, 1}),
                 test::golden_weight("medformer", "aux_out.bias", {4}));
  const auto auxiliary = at::upsample_bilinear2d(head, {64, 64}, /*align_corners=*/true);
  expect_close_in_size(auxiliary, golden.at("S64.aux_logits"), "auxiliary logits");
}

TEST(MedFormerGolden, FullSizeEqualsTheReference) {
  const torch::NoGradGuard no_grad;
  const auto golden = test::golden("medformer");
  auto network = golden_medformer();
  std::map<std::string, torch::Tensor> seen;
  const auto x = golden_input("medformer.x256", {1, 1, 256, 256}, 0.5, 0.5);
  const auto logits = network->forward(
      x, [&](const std::string& name, const torch::Tensor& value) { seen[name] = value; });
  expect_close_in_size(seen.at("down4"), golden.at("S256.down4.feat(l_mor)"), "l_mor 256");
  expect_close_in_size(seen.at("map4"), golden.at("S256.down4.map"), "down4.map 256");
  expect_close_in_size(logits, golden.at("S256.logits"), "logits 256");
}

TEST(MedFormerProperty, GradientReachesEveryParameterButTheUnusedMaps) {
  const MedFormerOptions options = test::tiny_medformer();
  MedFormer network(options);
  network->forward(torch::rand({2, 1, 64, 48})).square().mean().backward();
  std::set<std::string> without;
  for (const auto& parameter : network->named_parameters()) {
    const auto& gradient = parameter.value().grad();
    if (!gradient.defined()) {
      without.insert(parameter.key());
    } else {
      EXPECT_TRUE(gradient.isfinite().all().item<bool>()) << parameter.key();
      EXPECT_GT(gradient.abs().max().item<double>(), 0) << parameter.key();
    }
  }
  const int64_t last = options.blocks_per_stage - 1;
  const std::set<std::string> unused = {
      "up2.trans_blocks.blocks." + std::to_string(last) + ".attn.map_out.weight",
      "up3.map_reduction.weight", "up4.map_reduction.weight"};
  EXPECT_EQ(without, unused);
}

TEST(MedFormerProperty, TakesEverySizeOfWholeTiles) {
  const torch::NoGradGuard no_grad;
  MedFormer network(test::tiny_medformer());
  network->eval();
  for (const auto& [height, width] : {std::pair<int64_t, int64_t>{16, 16}, {96, 80}, {128, 256}}) {
    const auto x = torch::rand({1, 1, height, width});
    EXPECT_EQ(network->forward(x).sizes(), (std::vector<int64_t>{1, 4, height, width}));
    EXPECT_EQ(network->morphology(x).sizes(),
              (std::vector<int64_t>{1, 64, height / 16, width / 16}));
  }
  EXPECT_THROW(network->forward(torch::rand({1, 1, 100, 96})), c10::Error);
  EXPECT_THROW(network->forward(torch::rand({1, 2, 96, 96})), c10::Error);
}

TEST(MedFormerProperty, LayoutAndPrecisionAreTheCallersChoice) {
  const torch::NoGradGuard no_grad;
  MedFormer network(test::tiny_medformer());
  network->eval();
  const auto x = torch::rand({2, 1, 64, 64});
  const auto logits = network->forward(x);
  for (auto& parameter : network->parameters()) {  // convolutions hand their layout on
    if (parameter.dim() == 4)
      parameter.set_data(parameter.contiguous(at::MemoryFormat::ChannelsLast));
  }
  EXPECT_TRUE(network->forward(x).allclose(logits, 1e-4, 1e-5));
  if (!computes_in_bfloat16(torch::kCPU)) return;
  network->to(torch::kBFloat16);
  const auto half = network->forward(x.to(torch::kBFloat16)).to(torch::kFloat32);
  EXPECT_LT((half - logits).norm().item<double>(), 0.05 * logits.norm().item<double>());
}

TEST(MedFormer, SmallIsAsLargeAsItsWeightsFileMayBe) {
  const MedFormer small(small_medformer());
  const int64_t count = test::parameter_count(*small);
  EXPECT_GT(count, 4500000);
  EXPECT_LT(count, 5000000);                          // 10 MB in half precision
  EXPECT_EQ(16 * small->options.base_channels, 256);  // l_mor of the small generator
}

TEST(MedFormerOptions, SurviveTheirJsonAndNameWhatIsWrong) {
  for (const auto& options : {paper_medformer(), small_medformer(), test::tiny_medformer()}) {
    const nlohmann::json json = options;
    EXPECT_EQ(nlohmann::json(options_from_json<MedFormerOptions>(json, "test")), json);
  }
  for (const auto& wrong :
       {nlohmann::json{{"heads", {4, 8}}}, nlohmann::json{{"heads", {3, 8, 16}}},
        nlohmann::json{{"fusion_heads", 7}}, nlohmann::json{{"class_count", 1}},
        nlohmann::json{{"base_channels", 100000}}, nlohmann::json{{"base", 32}}}) {
    EXPECT_THROW(options_from_json<MedFormerOptions>(wrong, "test"), Error) << wrong;
  }
}

}  // namespace
}  // namespace dmcvr
