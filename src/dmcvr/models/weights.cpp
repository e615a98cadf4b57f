// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/models/weights.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/core/safetensors.h"
#include "dmcvr/core/sha256.h"

#include <torch/utils.h>

#include <algorithm>
#include <array>
#include <sstream>

namespace dmcvr {
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char* kFormat = "dmcvr-weights-1";
constexpr std::array<const char*, 3> kKinds = {"segmenter", "generator", "diffae"};

bool is_kind(const std::string& kind) {
  return std::find(kKinds.begin(), kKinds.end(), kind) != kKinds.end();
}

bool is_finite(const torch::Tensor& values) {
  return !values.is_floating_point() || values.isfinite().all().item<bool>();
}

std::string shape_text(const torch::Tensor& tensor) {
  std::ostringstream text;
  text << tensor.sizes();
  return text.str();
}

std::map<std::string, std::string> metadata_of(const WeightsInfo& info) {
  json labels = json::object();
  for (const auto& [value, name] : info.labels) labels[std::to_string(value)] = name;
  return {{"format", kFormat},
          {"kind", info.kind},
          {"options", info.options.dump()},
          {"input_rule", json(info.input_rule).dump()},
          {"labels", labels.dump()},
          {"training_data", info.training_data},
          {"license", info.license},
          {"version", info.version},
          {"segmenter_sha256", info.segmenter_sha256}};
}

LabelTable labels_from_json(const json& given) {
  LabelTable labels;
  for (const auto& [value, name] : given.items()) {
    size_t used = 0;
    int64_t number = -1;
    try {
      number = std::stoll(value, &used);
    } catch (const std::exception&) {
      used = 0;
    }
    if (used != value.size() || number < 1 || number > 255 || !name.is_string()) {
      throw Error("label '{}' is no number from 1 to 255 with a name", value);
    }
    labels[number] = name.get<std::string>();
  }
  return labels;
}

WeightsInfo info_from_metadata(const std::map<std::string, std::string>& metadata) {
  const auto text = [&](const char* key) {
    const auto entry = metadata.find(key);
    if (entry == metadata.end())
      throw Error("no '{}' in its metadata, so it is no weights file of dmcvr", key);
    return entry->second;
  };
  const auto object = [&](const char* key) {
    json value;
    try {
      value = parse_json(text(key));
    } catch (const json::exception&) {
    }
    if (!value.is_object()) throw Error("'{}' in its metadata is no JSON object", key);
    return value;
  };
  if (text("format") != kFormat) {
    throw Error("format '{}', this program reads '{}'; a newer dmcvr may read it", text("format"),
                kFormat);
  }
  WeightsInfo info;
  info.kind = text("kind");
  if (!is_kind(info.kind)) throw Error("kind '{}' is unknown", info.kind);
  info.options = object("options");
  info.input_rule = options_from_json<InputRule>(object("input_rule"), "input_rule");
  info.labels = labels_from_json(object("labels"));
  info.training_data = text("training_data");
  info.license = text("license");
  info.version = text("version");
  info.segmenter_sha256 = text("segmenter_sha256");
  return info;
}

// Parameters that a network of these options has at the very least: those of one convolution in
// each of its blocks. Options of a damaged file must not ask for more memory than the file's
// content.
double least_parameters(const AutoencoderOptions& options) {
  double count = 0;
  for (const auto* multipliers : {&options.multipliers, &options.encoder_multipliers}) {
    for (const int64_t multiplier : *multipliers) {
      const auto channels = static_cast<double>(options.base_channels * multiplier);
      count += 9 * channels * channels * static_cast<double>(options.blocks_per_level);
    }
  }
  return count;
}

// The widest stage, and queries, keys, values, their join and two more layers in each block that
// joins the maps.
double least_parameters(const MedFormerOptions& options) {
  const auto widest = static_cast<double>(16 * options.base_channels);
  const auto fusion = static_cast<double>(options.fusion_width);
  return widest * widest * static_cast<double>(options.blocks_per_stage) +
         6 * fusion * fusion * static_cast<double>(options.fusion_depth);
}

// The tensors of a file, and a network of `Network` and `Options` that holds them.
template <typename Network, typename Options>
Network rebuild(const Safetensors& content, const WeightsInfo& info) {
  const auto options = options_from_json<Options>(info.options, "options");
  int64_t held = 0;
  for (const auto& item : content.tensors) held += item.second.numel();
  if (static_cast<double>(held) < least_parameters(options)) {
    throw Error("its {} numbers are too few for a network of its options", held);
  }
  Network network(options);
  copy_parameters(content.tensors, *network);
  network->eval();
  for (auto& parameter : network->parameters()) parameter.set_requires_grad(false);
  return network;
}

template <typename Result, typename Build>
Result load_file(const fs::path& path, const Build& build) {
  const auto content = read_safetensors(path);
  try {
    Result result;
    result.info = info_from_metadata(content.metadata);
    build(content, result);
    result.info.sha256 = sha256_of_file(path);
    return result;
  } catch (const Error& error) {
    throw error.in(path.string());
  }
}

}  // namespace

std::map<std::string, torch::Tensor> named_tensors(const torch::nn::Module& network) {
  std::map<std::string, torch::Tensor> tensors;
  for (const auto& item : network.named_parameters()) tensors[item.key()] = item.value();
  for (const auto& item : network.named_buffers()) tensors[item.key()] = item.value();
  return tensors;
}

void copy_parameters(const std::map<std::string, torch::Tensor>& values,
                     torch::nn::Module& network) {
  const torch::NoGradGuard no_grad;
  auto targets = named_tensors(network);

  // Everything is checked before anything is changed.
  for (const auto& [name, target] : targets) {
    const auto value = values.find(name);
    if (value == values.end()) throw Error("tensor '{}' is missing", name);
    if (value->second.sizes() != target.sizes()) {
      throw Error("tensor '{}' has shape {}, expected {}", name, shape_text(value->second),
                  shape_text(target));
    }
    if (value->second.is_floating_point() != target.is_floating_point()) {
      throw Error("tensor '{}' has type {}, expected {}", name,
                  torch::toString(value->second.scalar_type()),
                  torch::toString(target.scalar_type()));
    }
    if (!is_finite(value->second.to(target.scalar_type())))
      throw Error("tensor '{}' holds values that are not finite", name);
    if (name.find("running_var") != std::string::npos && (value->second < 0).any().item<bool>())
      throw Error("tensor '{}' holds negative variances", name);
  }
  for (const auto& item : values) {
    if (targets.count(item.first) == 0)
      throw Error("tensor '{}' does not belong to this network", item.first);
  }
  for (auto& [name, target] : targets) target.copy_(values.at(name));
}

void save_weights(const fs::path& path, const torch::nn::Module& network, const WeightsInfo& info,
                  torch::ScalarType type) {
  TORCH_CHECK(is_kind(info.kind), "save_weights: kind '", info.kind, "'");
  const torch::NoGradGuard no_grad;
  Safetensors content;
  content.metadata = metadata_of(info);
  for (const auto& [name, tensor] : named_tensors(network)) {
    const auto stored = !tensor.is_floating_point()
                            ? tensor
                            : tensor.to(tensor.dim() >= 2 ? type : torch::kFloat32);
    if (!is_finite(stored)) {
      throw Error("{}: tensor '{}' holds values that are not finite as {}", path.string(), name,
                  torch::toString(stored.scalar_type()));
    }
    content.tensors[name] = stored.cpu().contiguous();
  }
  write_safetensors(path, content);
}

WeightsInfo read_weights_info(const fs::path& path) {
  const auto metadata = read_safetensors_metadata(path);
  try {
    auto info = info_from_metadata(metadata);
    info.sha256 = sha256_of_file(path);
    return info;
  } catch (const Error& error) {
    throw error.in(path.string());
  }
}

Segmenter load_segmenter(const fs::path& path) {
  return load_file<Segmenter>(path, [](const Safetensors& content, Segmenter& segmenter) {
    if (segmenter.info.kind != "segmenter") {
      throw Error("holds a {}, expected a segmenter", segmenter.info.kind);
    }
    if (segmenter.info.labels != label_table()) {
      throw Error("tells {} apart, expected {}", to_string(segmenter.info.labels),
                  to_string(label_table()));
    }
    segmenter.network = rebuild<MedFormer, MedFormerOptions>(content, segmenter.info);
    const MedFormerOptions& options = segmenter.network->options;
    if (options.class_count != kLabelCount || options.in_channels != 1) {
      throw Error("has {} classes of {} channels, expected {} of 1", options.class_count,
                  options.in_channels, kLabelCount);
    }
  });
}

Generator load_generator(const fs::path& path) {
  return load_file<Generator>(path, [](const Safetensors& content, Generator& generator) {
    const auto& kind = generator.info.kind;
    if (kind != "generator" && kind != "diffae")
      throw Error("holds a {}, expected a generator", kind);
    generator.network = rebuild<Autoencoder, AutoencoderOptions>(content, generator.info);
    const bool has_morphology = generator.network->options.morphology_channels > 0;
    if (has_morphology != (kind == "generator")) {
      throw Error("a {} with {} channels of l_mor", kind,
                  generator.network->options.morphology_channels);
    }
  });
}

}  // namespace dmcvr
