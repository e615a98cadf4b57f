// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/latent/code.h"

namespace dmcvr {
namespace {

// The same done to each defined code.
template <typename Change>
Codes changed(const Codes& codes, const Change& change) {
  const auto apply = [&](const torch::Tensor& code) {
    return code.defined() ? change(code) : code;
  };
  return {apply(codes.z_sem), apply(codes.l_mor), apply(codes.x_T)};
}

torch::Tensor joined(const std::vector<Codes>& parts, torch::Tensor Codes::*code) {
  std::vector<torch::Tensor> tensors;
  for (const auto& part : parts) {
    if ((part.*code).defined()) tensors.push_back(part.*code);
  }
  TORCH_CHECK(tensors.empty() || tensors.size() == parts.size(),
              "concatenate: a code is defined in ", tensors.size(), " of ", parts.size(), " parts");
  return tensors.empty() ? torch::Tensor() : torch::cat(tensors);
}

}  // namespace

int64_t Codes::count() const {
  for (const auto& code : {z_sem, l_mor, x_T}) {
    if (code.defined()) return code.size(0);
  }
  return 0;
}

void Codes::check() const {
  const int64_t slices = count();
  const auto agrees = [&](const torch::Tensor& code, int64_t rank, const char* name) {
    if (!code.defined()) return;
    TORCH_CHECK(code.dim() == rank && code.size(0) == slices, name, ": expected rank ", rank,
                " and ", slices, " slices, found ", code.sizes());
  };
  agrees(z_sem, 2, "z_sem");
  agrees(l_mor, 4, "l_mor");
  agrees(x_T, 4, "x_T");
}

Codes narrow(const Codes& codes, int64_t first, int64_t count) {
  return changed(codes, [&](const torch::Tensor& code) { return code.narrow(0, first, count); });
}

Codes select(const Codes& codes, const std::vector<int64_t>& indices) {
  const auto index = torch::tensor(indices, torch::kInt64);
  return changed(codes, [&](const torch::Tensor& code) {
    return code.index_select(0, index.to(code.device()));
  });
}

Codes concatenate(const std::vector<Codes>& parts) {
  return {joined(parts, &Codes::z_sem), joined(parts, &Codes::l_mor), joined(parts, &Codes::x_T)};
}

}  // namespace dmcvr
