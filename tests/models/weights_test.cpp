// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/models/weights.h"

#include "support_models.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/safetensors.h"
#include "dmcvr/core/sha256.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/utils.h>

namespace dmcvr {
namespace {

using testing::HasSubstr;

WeightsInfo segmenter_info() {
  WeightsInfo info;
  info.kind = "segmenter";
  info.options = test::tiny_medformer();
  info.input_rule = small_segmenter_rule();
  info.labels = label_table();
  info.training_data = "phantoms";
  info.license = "CC0-1.0";
  info.version = "0.1.0";
  return info;
}

WeightsInfo generator_info() {
  WeightsInfo info;
  info.kind = "generator";
  info.options = test::tiny_autoencoder();
  info.input_rule = small_generator_rule();
  info.segmenter_sha256 = sha256_of("a segmenter");
  return info;
}

MedFormer filled_medformer() {
  MedFormer network(test::tiny_medformer());
  test::fill_golden(*network, "weights");
  return network;
}

// The error of loading a file with changed tensors or metadata.
std::string error_of(const std::function<void(Safetensors&)>& change) {
  const auto folder = test::fresh_folder();
  save_weights(folder / "good.safetensors", *filled_medformer(), segmenter_info());
  auto content = read_safetensors(folder / "good.safetensors");
  change(content);
  write_safetensors(folder / "bad.safetensors", content);
  try {
    load_segmenter(folder / "bad.safetensors");
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("bad.safetensors: "));
    return error.what();
  }
  return "accepted";
}

TEST(Weights, ComeBackUnchangedInFullPrecision) {
  const auto path = test::fresh_folder() / "weights.safetensors";
  const auto network = filled_medformer();
  save_weights(path, *network, segmenter_info(), torch::kFloat32);
  const auto loaded = load_segmenter(path);
  const auto before = named_tensors(*network), after = named_tensors(*loaded.network);
  ASSERT_EQ(before.size(), after.size());
  for (const auto& [name, tensor] : before) {
    EXPECT_TRUE(after.at(name).equal(tensor)) << name;
    EXPECT_EQ(after.at(name).scalar_type(), tensor.scalar_type()) << name;
    EXPECT_FALSE(after.at(name).requires_grad()) << name;
  }
  EXPECT_FALSE(loaded.network->is_training());
}

TEST(Weights, AreRoundedOnceInHalfPrecision) {
  const auto path = test::fresh_folder() / "weights.safetensors";
  const auto network = filled_medformer();
  save_weights(path, *network, segmenter_info());
  const auto before = named_tensors(*network), after = named_tensors(*load_segmenter(path).network);
  bool is_rounded = false;
  for (const auto& [name, tensor] : before) {
    ASSERT_EQ(after.at(name).scalar_type(), tensor.scalar_type()) << name;
    if (tensor.dim() < 2) {
      EXPECT_TRUE(after.at(name).equal(tensor)) << name;
    } else {
      EXPECT_TRUE(after.at(name).allclose(tensor, 0x1p-11, 6e-8)) << name;
      is_rounded = is_rounded || !after.at(name).equal(tensor);
    }
  }
  EXPECT_TRUE(is_rounded);
}

TEST(Weights, SayWhatTheyAre) {
  const auto folder = test::fresh_folder();
  const auto path = folder / "segmenter.safetensors";
  save_weights(path, *filled_medformer(), segmenter_info());
  const auto info = read_weights_info(path);
  EXPECT_EQ(info.kind, "segmenter");
  EXPECT_EQ(info.options, nlohmann::json(test::tiny_medformer()));
  EXPECT_EQ(nlohmann::json(info.input_rule), nlohmann::json(small_segmenter_rule()));
  EXPECT_EQ(info.labels, label_table());
  EXPECT_EQ(info.training_data, "phantoms");
  EXPECT_EQ(info.license, "CC0-1.0");
  EXPECT_EQ(info.version, "0.1.0");
  EXPECT_EQ(info.sha256, sha256_of_file(path));
  EXPECT_EQ(load_segmenter(path).info.sha256, info.sha256);
}

TEST(Weights, RebuildTheGeneratorThatWroteThem) {
  const torch::NoGradGuard no_grad;
  const auto folder = test::fresh_folder();
  Autoencoder network(test::tiny_autoencoder());
  test::fill_golden(*network, "weights");
  network->eval();
  save_weights(folder / "generator.safetensors", *network, generator_info(), torch::kFloat32);
  auto loaded = load_generator(folder / "generator.safetensors");
  EXPECT_EQ(loaded.info.segmenter_sha256, sha256_of("a segmenter"));
  EXPECT_TRUE(loaded.info.labels.empty());
  const auto x = torch::randn({1, 1, 64, 64}), t = torch::full({1}, 10.),
             l_mor = torch::randn({1, 64, 4, 4});
  const auto z_sem = network->encode(x);
  EXPECT_TRUE(loaded.network->encode(x).equal(z_sem));
  EXPECT_TRUE(
      loaded.network->forward(x, t, z_sem, l_mor).equal(network->forward(x, t, z_sem, l_mor)));
}

TEST(Weights, TellTheKindsApart) {
  const auto folder = test::fresh_folder();
  save_weights(folder / "s.safetensors", *filled_medformer(), segmenter_info());
  AutoencoderOptions options = test::tiny_autoencoder();
  options.morphology_channels = 0;
  WeightsInfo info = generator_info();
  info.kind = "diffae";
  info.options = options;
  save_weights(folder / "d.safetensors", *Autoencoder(options), info);
  EXPECT_EQ(load_generator(folder / "d.safetensors").info.kind, "diffae");
  const auto message = [&](const std::function<void()>& load) {
    try {
      load();
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_THAT(message([&] { load_generator(folder / "s.safetensors"); }),
              HasSubstr("holds a segmenter, expected a generator"));
  EXPECT_THAT(message([&] { load_segmenter(folder / "d.safetensors"); }),
              HasSubstr("holds a diffae, expected a segmenter"));

  // A generator without l_mor that calls itself one with it.
  info.kind = "generator";
  save_weights(folder / "g.safetensors", *Autoencoder(options), info);
  EXPECT_THAT(message([&] { load_generator(folder / "g.safetensors"); }), HasSubstr("l_mor"));
}

TEST(Weights, NameTheTensorThatIsWrong) {
  const std::string name = "down1.conv_blocks.0.conv1.conv.weight";
  EXPECT_THAT(error_of([&](Safetensors& file) { file.tensors.erase(name); }),
              HasSubstr("tensor '" + name + "' is missing"));
  EXPECT_THAT(error_of([&](Safetensors& file) { file.tensors["more"] = torch::zeros({1}); }),
              HasSubstr("tensor 'more' does not belong"));
  EXPECT_THAT(error_of([&](Safetensors& file) {
                file.tensors[name] = torch::zeros({8, 8, 3, 1});
              }),
              HasSubstr("tensor '" + name + "' has shape [8, 8, 3, 1], expected [8, 8, 3, 3]"));
  EXPECT_THAT(error_of([&](Safetensors& file) { file.tensors[name].fill_(NAN); }),
              HasSubstr("tensor '" + name + "' holds values that are not finite"));
  EXPECT_THAT(error_of([&](Safetensors& file) {
                file.tensors[name] = torch::full({8, 8, 3, 3}, 1e300, torch::kFloat64);
              }),
              HasSubstr("not finite"));
  EXPECT_THAT(error_of([](Safetensors& file) {
                for (auto& [tensor, values] : file.tensors) {
                  if (tensor.find("running_var") != std::string::npos) values.fill_(-1);
                }
              }),
              HasSubstr("negative variances"));
  EXPECT_THAT(error_of([&](Safetensors& file) {
                file.tensors[name] = torch::zeros({8, 8, 3, 3}, torch::kInt64);
              }),
              HasSubstr("tensor '" + name + "' has type Long"));
}

TEST(Weights, NameTheMetadataThatIsWrong) {
  EXPECT_EQ(error_of([](Safetensors&) {}), "accepted");
  const auto with = [](const char* key, const char* value) {
    return error_of([=](Safetensors& file) { file.metadata[key] = value; });
  };
  EXPECT_THAT(error_of([](Safetensors& file) { file.metadata.clear(); }),
              HasSubstr("no weights file"));
  EXPECT_THAT(with("format", "dmcvr-weights-2"), HasSubstr("newer"));
  EXPECT_THAT(with("kind", "poet"), HasSubstr("kind 'poet'"));
  EXPECT_THAT(with("options", "[1"), HasSubstr("'options'"));
  const std::string deep =
      R"({"basis":)" + std::string(100000, '[') + std::string(100000, ']') + "}";
  EXPECT_THAT(with("options", deep.c_str()), HasSubstr("nested more than"));
  EXPECT_THAT(with("options", R"({"basis": 4})"), HasSubstr("unknown option 'basis'"));
  EXPECT_THAT(with("options", R"({"base_channels": 100000000})"), HasSubstr("base_channels"));
  EXPECT_THAT(with("input_rule", R"({"patch_size": 7})"), HasSubstr("patch_size 7"));
  EXPECT_THAT(with("labels", R"({"one": "LVC"})"), HasSubstr("label 'one'"));
  EXPECT_THAT(with("labels", R"({"1": "RVC", "2": "LVM", "3": "LVC"})"), HasSubstr("1=RVC"));
}

TEST(Weights, OfOptionsThatAskForMoreThanTheFileHoldsAreRefusedBeforeMemoryIsTaken) {
  EXPECT_THAT(error_of([](Safetensors& file) {
                file.metadata["options"] = R"({"base_channels": 512, "fusion_width": 4096})";
              }),
              HasSubstr("too few"));
  // Narrow, but for what joins the maps.
  EXPECT_THAT(error_of([](Safetensors& file) {
                file.metadata["options"] =
                    R"({"base_channels": 1, "heads": [1, 1, 1], "fusion_width": 4096,
                        "fusion_heads": 1, "fusion_depth": 16})";
              }),
              HasSubstr("too few"));
  // Wide in the encoder alone.
  const auto path = test::fresh_folder() / "wide.safetensors";
  Safetensors file;
  file.metadata = {{"format", "dmcvr-weights-1"},
                   {"kind", "diffae"},
                   {"options", R"({"base_channels": 64, "multipliers": [1, 1, 1, 1, 1, 1],
                                   "encoder_multipliers": [64, 64, 64, 64, 64, 64, 64],
                                   "morphology_channels": 0})"},
                   {"input_rule", nlohmann::json(InputRule()).dump()},
                   {"labels", "{}"},
                   {"training_data", ""},
                   {"license", ""},
                   {"version", ""},
                   {"segmenter_sha256", ""}};
  file.tensors["x"] = torch::zeros({6 * 2 * 9 * 64 * 64});
  write_safetensors(path, file);
  try {
    load_generator(path);
    FAIL() << "was accepted";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("too few"));
  }
}

TEST(Weights, AreNotWrittenWhenTheyAreNotFinite) {
  const torch::NoGradGuard no_grad;
  const auto path = test::fresh_folder() / "weights.safetensors";
  auto network = filled_medformer();
  network->outc->weight.fill_(1e6);  // beyond half precision
  EXPECT_THROW(save_weights(path, *network, segmenter_info()), Error);
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_NO_THROW(save_weights(path, *network, segmenter_info(), torch::kFloat32));
}

TEST(CopyParameters, ChangesNothingWhenOneTensorIsWrong) {
  auto network = filled_medformer();
  const auto before = network->outc->weight.clone();
  auto values = named_tensors(*MedFormer(test::tiny_medformer()));
  values.erase("up1.norm.bias");
  EXPECT_THROW(copy_parameters(values, *network), Error);
  EXPECT_TRUE(network->outc->weight.equal(before));
}

}  // namespace
}  // namespace dmcvr
