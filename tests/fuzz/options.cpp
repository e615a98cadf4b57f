// SPDX-License-Identifier: Apache-2.0
// Options: a line for each --set, then the text of --config.
#include "dmcvr/core/options.h"

#include "fuzz/fuzz.h"

#include <cmath>
#include <vector>

namespace dmcvr::fuzz {

enum class Word { none, one };
NLOHMANN_JSON_SERIALIZE_ENUM(Word, {{Word::none, "none"}, {Word::one, "one"}})

struct Inner {
  int64_t count = 3;
  double share = 0.5;
  Word word = Word::none;

  void check() const { check_range<int64_t>("count", count, 0, 1000); }
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Inner, count, share, word)

struct Outer {
  Inner inner;
  bool is_on = true;
  std::string name = "name";
  std::vector<double> numbers = {1, 2};

  void check() const { inner.check(); }
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Outer, inner, is_on, name, numbers)

}  // namespace dmcvr::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const size_t end = text.find("\n{");
  const std::string config = end == std::string::npos ? text : text.substr(end + 1);
  const auto* bytes = reinterpret_cast<const uint8_t*>(config.data());
  dmcvr::fuzz::read_as_file(bytes, config.size(), ".json", [&](const auto& path) {
    auto json = dmcvr::read_json(path);
    for (size_t begin = 0; end != std::string::npos && begin < end;) {
      const size_t stop = std::min(text.find('\n', begin), end);
      dmcvr::set_option(json, text.substr(begin, stop - begin));
      begin = stop + 1;
    }
    const auto options = dmcvr::options_from_json<dmcvr::fuzz::Outer>(json, "--config");
    // What was taken comes back with the same meaning.
    dmcvr::options_from_json<dmcvr::fuzz::Outer>(nlohmann::json(options), "printed");
  });
  return 0;
}
