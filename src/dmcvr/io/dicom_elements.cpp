// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/dicom_elements.h"

#include "dmcvr/core/error.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

namespace dmcvr {
namespace {

constexpr uint32_t kUndefined = 0xffffffff;
constexpr uint32_t kItem = dicom_tag(0xfffe, 0xe000), kItemEnd = dicom_tag(0xfffe, 0xe00d),
                   kSequenceEnd = dicom_tag(0xfffe, 0xe0dd);
constexpr uint32_t kPixels = dicom_tag(0x7fe0, 0x0010), kTransferSyntax = dicom_tag(0x0002, 0x0010);
// Known without their kind.
constexpr std::array kSequences = {kSharedGroups,     kPerFrameGroups,        kPlanePosition,
                                   kPlaneOrientation, kPixelMeasures,         kPixelTransformation,
                                   kFrameContent,     kCardiacSynchronization};
constexpr int kDeepest = 16;
constexpr int kMostElements = 1'000'000;
constexpr size_t kPreamble = 132;

// DICOM PS3.5, table 6.2-1: kinds of values with two and with four bytes of length.
constexpr std::string_view kShortKinds =
    "AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US";
constexpr std::string_view kLongKinds = "OB OD OF OL OV OW SQ SV UC UN UR UT UV";

// How the bytes behind the first group are to be read.
struct Syntax {
  bool is_explicit = true;
  bool is_big = false;
  PixelCoding coding = PixelCoding::none;
};

// By its name (PS3.6, A). An unknown one may have any kinds and order of bytes.
Syntax syntax_named(const std::string& name) {
  if (name.empty() || name.find_first_not_of("0123456789.") != std::string::npos)
    throw Error("a damaged DICOM file: its transfer syntax is no number");
  if (name == "1.2.840.10008.1.2") return {false, false, PixelCoding::none};
  if (name == "1.2.840.10008.1.2.1") return {true, false, PixelCoding::none};
  if (name == "1.2.840.10008.1.2.2") return {true, true, PixelCoding::none};
  if (name == "1.2.840.10008.1.2.5") return {true, false, PixelCoding::rle};
  if (name.rfind("1.2.840.10008.1.2.4.", 0) == 0) return {true, false, PixelCoding::jpeg};
  throw Error("the transfer syntax {} is not read", name);
}

class Walk {
 public:
  explicit Walk(std::string_view bytes) : bytes_(bytes) {}

  DicomFile file() {
    if (bytes_.size() < kPreamble + 8 || bytes_.substr(128, 4) != "DICM")
      throw Error("no DICOM file: DICM is missing after 128 bytes");
    at_ = kPreamble;
    // The group of the file itself is always explicit, little endian.
    std::optional<std::string> name;  // of the transfer syntax
    while (at_ < bytes_.size() && peek_group() == 2) {
      const Header element = header(bytes_.size());
      if (element.length == kUndefined || element.kind == "SQ")
        throw Error("a damaged DICOM file: a sequence in its first group");
      if (element.tag == kTransferSyntax) {
        if (name) throw Error("a damaged DICOM file: it names two transfer syntaxes");
        name = bytes_.substr(at_, element.length);
      }
      at_ += element.length;
    }
    if (!name) throw Error("a damaged DICOM file: it names no transfer syntax");
    while (!name->empty() && (name->back() == '\0' || name->back() == ' ')) name->pop_back();
    const Syntax syntax = syntax_named(*name);
    if (at_ >= bytes_.size()) throw Error("a damaged DICOM file: it ends after its first group");
    is_explicit_ = syntax.is_explicit;
    is_big_ = syntax.is_big;
    result_.coding = syntax.coding;
    result_.transfer_syntax = *name;
    result_.elements = elements(bytes_.size(), 0, false);
    return std::move(result_);
  }

 private:
  struct Header {
    uint32_t tag = 0, length = 0;
    std::string_view kind;  // empty where it is implicit
  };

  uint32_t number(size_t size) {
    uint32_t value = 0;
    for (size_t i = 0; i < size; ++i) {
      const auto byte = static_cast<unsigned char>(bytes_[at_ + i]);
      value |= uint32_t{byte} << 8 * (is_big_ ? size - 1 - i : i);
    }
    at_ += size;
    return value;
  }

  // At least one byte is left.
  uint32_t peek_group() const {
    need(2, bytes_.size());
    return static_cast<unsigned char>(bytes_[at_]) |
           uint32_t{static_cast<unsigned char>(bytes_[at_ + 1])} << 8;
  }

  void need(size_t size, size_t end) const {
    if (size > end || at_ > end - size)
      throw Error("a damaged DICOM file: it ends inside an element, at byte {}", at_);
  }

  // Tag, kind and length; the value comes next and is inside `end`.
  Header header(size_t end) {
    if (++count_ > kMostElements)
      throw Error("a DICOM file of more than {} elements", kMostElements);
    need(8, end);
    Header element;
    const uint32_t group = number(2);
    element.tag = group << 16 | number(2);
    const bool is_mark = group == 0xfffe;  // of items: without a kind
    if (!is_explicit_ || is_mark) {
      element.length = number(4);
    } else {
      const std::string_view kind = element.kind = bytes_.substr(at_, 2);
      at_ += 2;
      if (kLongKinds.find(kind) != std::string_view::npos &&
          kind.find(' ') == std::string_view::npos) {
        at_ += 2;
        need(4, end);
        element.length = number(4);
      } else if (kShortKinds.find(kind) != std::string_view::npos &&
                 kind.find(' ') == std::string_view::npos) {
        element.length = number(2);
      } else {
        throw Error("a damaged DICOM file: a value of unknown kind at byte {}", at_ - 2);
      }
    }
    if ((element.tag == kItemEnd || element.tag == kSequenceEnd) && element.length != 0)
      throw Error("a damaged DICOM file: an end of {} bytes, before byte {}", element.length, at_);
    if (element.length != kUndefined) need(element.length, end);
    return element;
  }

  // Until `end`, or until the mark of an item's end.
  DicomElements elements(size_t end, int depth, bool has_mark) {
    DicomElements set = unsorted_elements(end, depth, has_mark);
    const auto comes_first = [](const DicomElement& a, const DicomElement& b) {
      return a.tag < b.tag;
    };
    if (!std::is_sorted(set.all.begin(), set.all.end(), comes_first))
      std::stable_sort(set.all.begin(), set.all.end(), comes_first);
    return set;
  }

  // Whether nothing but zeros is left behind the pixels, as tapes and block devices leave it.
  bool is_padding(int depth) const {
    return depth == 0 && has_pixels_ && bytes_.find_first_not_of('\0', at_) == bytes_.npos;
  }

  DicomElements unsorted_elements(size_t end, int depth, bool has_mark) {
    if (depth > kDeepest) throw Error("a DICOM file with items more than {} deep", kDeepest);
    DicomElements set;
    set.is_big_endian = is_big_;
    while (at_ < end && !is_padding(depth)) {
      const Header element = header(end);
      if (element.tag == kItemEnd && has_mark) return set;
      if (element.tag >> 16 == kItem >> 16)
        throw Error("a damaged DICOM file: a stray item at byte {}", at_);
      set.all.push_back({element.tag, element.kind, {}, {}});
      DicomElement& here = set.all.back();
      if (element.tag == kPixels) {
        here.value = pixels(element, end, depth);
        continue;
      }
      // Without its kind a value is told by its tag.
      const bool is_open = element.kind.empty() || element.kind == "UN";
      const bool is_group =
          std::find(kSequences.begin(), kSequences.end(), element.tag) != kSequences.end();
      const bool has_length = element.length != kUndefined;
      if (element.kind == "SQ" || (is_open && (!has_length || is_group))) {
        here.items = items(has_length ? at_ + element.length : end, depth, !has_length,
                           /*keeps_kinds=*/element.kind == "SQ");
      } else if (has_length) {
        here.value = bytes_.substr(at_, element.length);
        at_ += element.length;
      } else {
        throw Error("a damaged DICOM file: a value of kind {} without a length", element.kind);
      }
    }
    if (has_mark) throw Error("a damaged DICOM file: an item without its end");
    return set;
  }

  // A value of unknown kind that is a sequence has implicit kinds (PS3.5, 6.2.2).
  std::vector<DicomElements> items(size_t end, int depth, bool has_mark, bool keeps_kinds) {
    const bool was_explicit = is_explicit_;
    is_explicit_ = is_explicit_ && keeps_kinds;
    std::vector<DicomElements> found;
    while (at_ < end) {
      const Header item = header(end);
      if (item.tag == kSequenceEnd && has_mark) {
        is_explicit_ = was_explicit;
        return found;
      }
      if (item.tag != kItem)
        throw Error("a damaged DICOM file: an item is missing at byte {}", at_);
      const bool has_length = item.length != kUndefined;
      found.push_back(elements(has_length ? at_ + item.length : end, depth + 1, !has_length));
    }
    is_explicit_ = was_explicit;
    if (has_mark) throw Error("a damaged DICOM file: a sequence without its end");
    return found;
  }

  // Those of the file may be coded; those inside items belong to icons.
  std::string_view pixels(const Header& element, size_t end, int depth) {
    const std::string_view kind = element.kind;
    if (!kind.empty() && kind != "OB" && kind != "OW" && kind != "UN")
      throw Error("a damaged DICOM file: pixels of kind {}", kind);
    if (depth == 0 && std::exchange(has_pixels_, true))
      throw Error("a damaged DICOM file: it has pixels twice");
    if (element.length == kUndefined) {
      if (kind.empty()) throw Error("a damaged DICOM file: coded pixels in an implicit syntax");
      fragments(end, depth);
      return {};
    }
    const auto value = bytes_.substr(at_, element.length);
    at_ += element.length;
    return value;
  }

  // Items of bytes, of which the first is a table of offsets.
  void fragments(size_t end, int depth) {
    for (bool is_table = true; at_ < end; is_table = false) {
      const Header item = header(end);
      if (item.tag == kSequenceEnd) return;
      if (item.tag != kItem || item.length == kUndefined)
        throw Error("a damaged DICOM file: coded pixels that are no items");
      if (depth == 0 && !is_table) result_.fragments.push_back(bytes_.substr(at_, item.length));
      at_ += item.length;
    }
    throw Error("a damaged DICOM file: coded pixels without their end");
  }

  std::string_view bytes_;
  DicomFile result_;
  size_t at_ = 0;
  int count_ = 0;
  bool is_explicit_ = true, is_big_ = false;
  bool has_pixels_ = false;
};

}  // namespace

const DicomElement* DicomElements::find(uint32_t tag) const {
  const auto found = std::lower_bound(
      all.begin(), all.end(), tag,
      [](const DicomElement& element, uint32_t wanted) { return element.tag < wanted; });
  return found == all.end() || found->tag != tag ? nullptr : &*found;
}

const DicomElements& DicomElements::item(uint32_t tag, size_t index) const {
  static const DicomElements kNone;
  const DicomElement* element = find(tag);
  return element == nullptr || index >= element->items.size() ? kNone : element->items[index];
}

DicomFile read_dicom_elements(std::string_view bytes) {
  return Walk(bytes).file();
}

}  // namespace dmcvr
