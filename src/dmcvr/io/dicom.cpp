// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/dicom.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/sha256.h"
#include "dmcvr/io/dicom_codestream.h"
#include "dmcvr/io/dicom_structure.h"

#include <gdcmAttribute.h>
#include <gdcmImage.h>
#include <gdcmReader.h>
#include <gdcmSequenceOfItems.h>
#include <gdcmTrace.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <istream>
#include <streambuf>

namespace dmcvr {
namespace {

using gdcm::DataSet;
using gdcm::Tag;

constexpr int64_t kMostSide = 8192;
constexpr int64_t kMostFrames = 100000;
constexpr double kMostRatio = 1000;  // of decoded to coded bytes
constexpr double kMostSkew = 1e-3;

const Tag kPixelData(0x7fe0, 0x0010), kShared(0x5200, 0x9229), kPerFrame(0x5200, 0x9230);
const Tag kPhotometric(0x0028, 0x0004);
const Tag kPosition(0x0020, 0x0032), kOrientation(0x0020, 0x0037), kSpacing(0x0028, 0x0030);
const Tag kThickness(0x0018, 0x0050), kSlope(0x0028, 0x1053), kIntercept(0x0028, 0x1052);

// Bytes as a stream, without a copy.
class Bytes : public std::streambuf {
 public:
  explicit Bytes(std::string_view bytes) {
    auto* begin = const_cast<char*>(bytes.data());  // NOLINT: a streambuf that is only read
    setg(begin, begin, begin + bytes.size());
  }

 protected:
  pos_type seekoff(off_type offset, std::ios_base::seekdir way, std::ios_base::openmode) override {
    const off_type base = way == std::ios_base::beg   ? 0
                          : way == std::ios_base::cur ? gptr() - eback()
                                                      : egptr() - eback();
    const off_type place = base + offset;
    if (place < 0 || place > egptr() - eback()) return pos_type(off_type(-1));
    setg(eback(), eback() + place, egptr());
    return place;
  }
  pos_type seekpos(pos_type place, std::ios_base::openmode mode) override {
    return seekoff(off_type(place), std::ios_base::beg, mode);
  }
};

// What GDCM has to say goes nowhere: it names files by their content, and our errors say the rest.
void silence_gdcm() {
  gdcm::Trace::DebugOff();
  gdcm::Trace::WarningOff();
  gdcm::Trace::ErrorOff();
}

// ---- values ----

std::string text_of(const DataSet& set, const Tag& tag) {
  if (!set.FindDataElement(tag)) return {};
  const gdcm::ByteValue* value = set.GetDataElement(tag).GetByteValue();
  if (value == nullptr) return {};
  std::string text(value->GetPointer(), value->GetLength());
  const auto is_padding = [](char c) { return c == ' ' || c == '\0'; };
  while (!text.empty() && is_padding(text.back())) text.pop_back();
  const auto first = std::find_if_not(text.begin(), text.end(), is_padding);
  return {first, text.end()};
}

// "1.5\1.5": as many numbers as there are, nothing where one of them is none.
std::vector<double> numbers_of(const DataSet& set, const Tag& tag) {
  const std::string text = text_of(set, tag);
  std::vector<double> numbers;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\\', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    char* stop = nullptr;
    const double number = std::strtod(word.c_str(), &stop);
    while (stop != nullptr && *stop == ' ') ++stop;
    if (stop == word.c_str() || stop == nullptr || *stop != '\0') return {};
    numbers.push_back(number);
    begin = end + 1;
  }
  return numbers;
}

std::optional<double> number_of(const DataSet& set, const Tag& tag) {
  const auto numbers = numbers_of(set, tag);
  if (numbers.empty() || !std::isfinite(numbers[0])) return {};
  return numbers[0];
}

// A number that is stored in binary.
template <uint16_t group, uint16_t element>
std::optional<double> binary_of(const DataSet& set) {
  gdcm::Attribute<group, element> attribute;
  if (!set.FindDataElement(attribute.GetTag())) return {};
  const auto& found = set.GetDataElement(attribute.GetTag());
  const gdcm::ByteValue* value = found.GetByteValue();
  if (value == nullptr || value->GetLength() < sizeof(attribute.GetValue())) return {};
  attribute.SetFromDataElement(found);
  const auto number = static_cast<double>(attribute.GetValue());
  if (!std::isfinite(number)) return {};
  return number;
}

// "093015.25" -> seconds since midnight.
std::optional<double> seconds_of(const DataSet& set, const Tag& tag) {
  const std::string text = text_of(set, tag);
  if (text.size() < 6 || text.find_first_not_of("0123456789.") != std::string::npos) return {};
  const double hours = std::stod(text.substr(0, 2)), minutes = std::stod(text.substr(2, 2));
  const double seconds = std::strtod(text.c_str() + 4, nullptr);
  return 3600 * hours + 60 * minutes + seconds;
}

// The only item of a sequence; an empty set where there is none.
DataSet item_of(const DataSet& set, const Tag& tag, size_t index = 1) {
  if (!set.FindDataElement(tag)) return {};
  const auto sequence = set.GetDataElement(tag).GetValueAsSQ();
  if (!sequence || sequence->GetNumberOfItems() < index) return {};
  return sequence->GetItem(index).GetNestedDataSet();
}

// ---- geometry ----

Point ras_from_lps(double x, double y, double z) {
  return {-x, -y, z};
}

// The sets that say something of a frame: its own functional group, the shared one, the file.
struct Places {
  std::array<DataSet, 3> sets;

  // In the item `sequence` of the groups, or in the file itself.
  std::vector<double> numbers(const Tag& sequence, const Tag& tag) const {
    for (size_t i = 0; i < 2; ++i) {
      auto found = numbers_of(item_of(sets[i], sequence), tag);
      if (!found.empty()) return found;
    }
    return numbers_of(sets[2], tag);
  }
  std::optional<double> number(const Tag& sequence, const Tag& tag) const {
    const auto found = numbers(sequence, tag);
    if (found.empty() || !std::isfinite(found[0])) return {};
    return found[0];
  }
};

const Tag kPlanePosition(0x0020, 0x9113), kPlaneOrientation(0x0020, 0x9116);
const Tag kPixelMeasures(0x0028, 0x9110), kTransformation(0x0028, 0x9145);
const Tag kCardiac(0x0018, 0x9118), kFrameContent(0x0020, 0x9111);

void check_finite(const std::vector<double>& numbers, const char* what) {
  for (const double number : numbers) {
    if (!std::isfinite(number) || std::abs(number) > 1e5)
      throw Error("{} {} is no place in a patient", what, number);
  }
}

// Nothing for a picture without a place.
std::optional<DicomFrame> read_frame(const Places& places) {
  const auto position = places.numbers(kPlanePosition, kPosition);
  const auto directions = places.numbers(kPlaneOrientation, kOrientation);
  const auto spacing = places.numbers(kPixelMeasures, kSpacing);
  if (position.size() != 3 || directions.size() != 6 || spacing.size() != 2) return {};
  check_finite(position, "position");
  check_finite(directions, "direction");
  for (const double mm : spacing) {
    if (!(mm > 0 && mm < 1e3)) throw Error("pixel spacing {} mm is not positive", mm);
  }

  DicomFrame frame;
  frame.position_mm = ras_from_lps(position[0], position[1], position[2]);
  const Point columns = ras_from_lps(directions[0], directions[1], directions[2]);
  const Point rows = ras_from_lps(directions[3], directions[4], directions[5]);
  const double skew = dot(columns, rows);
  if (std::abs(length(columns) - 1) > kMostSkew || std::abs(length(rows) - 1) > kMostSkew ||
      std::abs(skew) > kMostSkew) {
    throw Error(
        "rows and columns of lengths {:.4f} and {:.4f} with cosine {:.4f}, expected unit "
        "directions at right angles",
        length(rows), length(columns), skew);
  }
  frame.along_columns = unit_vector(columns);
  frame.along_rows =
      unit_vector(minus(rows, times(dot(frame.along_columns, rows), frame.along_columns)));
  frame.spacing_mm = {spacing[1], spacing[0]};  // in the file: between rows, between columns
  frame.thickness_mm = places.number(kPixelMeasures, kThickness);

  frame.trigger_ms = number_of(places.sets[2], Tag(0x0018, 0x1060));
  frame.temporal_position = number_of(places.sets[2], Tag(0x0020, 0x0100));
  frame.acquisition_s = seconds_of(places.sets[2], Tag(0x0008, 0x0032));
  for (size_t i = 2; i-- > 0;) {
    if (const auto ms = binary_of<0x0020, 0x9153>(item_of(places.sets[i], kCardiac)))
      frame.trigger_ms = ms;
    if (const auto n = binary_of<0x0020, 0x9128>(item_of(places.sets[i], kFrameContent)))
      frame.temporal_position = n;
  }
  return frame;
}

// ---- files ----

int64_t frame_count(const DataSet& set) {
  const auto count = number_of(set, Tag(0x0028, 0x0008));
  if (!count) return 1;
  if (*count < 1 || *count > static_cast<double>(kMostFrames) || *count != std::floor(*count))
    throw Error("says that it has {} frames", *count);
  return static_cast<int64_t>(*count);
}

void read_size(const DataSet& set, DicomHeader& header) {
  const auto rows = binary_of<0x0028, 0x0010>(set), columns = binary_of<0x0028, 0x0011>(set);
  if (!rows || !columns || *rows < 1 || *columns < 1 || *rows > kMostSide || *columns > kMostSide) {
    throw Error("pictures of {} x {} pixels, expected 1 to {}", columns.value_or(0),
                rows.value_or(0), kMostSide);
  }
  header.rows = static_cast<int64_t>(*rows);
  header.columns = static_cast<int64_t>(*columns);
}

// Which bits of a word are a pixel.
struct PixelFormat {
  int allocated = 16;  // 8, 16, or 32
  int stored = 16;
  int high = 15;  // the last of them, from 0
  bool is_signed = false;
};

PixelFormat pixel_format_of(const DataSet& set) {
  const double samples = binary_of<0x0028, 0x0002>(set).value_or(1);
  const double allocated = binary_of<0x0028, 0x0100>(set).value_or(0);
  const double stored = binary_of<0x0028, 0x0101>(set).value_or(0);
  const double high = binary_of<0x0028, 0x0102>(set).value_or(0);
  const double is_signed = binary_of<0x0028, 0x0103>(set).value_or(0);
  const bool is_palette = text_of(set, kPhotometric).rfind("PALETTE", 0) == 0;
  if (samples == 3 || samples == 4 || is_palette) throw Error("a picture in colors");
  const bool is_known = allocated == 8 || allocated == 16 || allocated == 32;
  if (samples != 1 || !is_known || stored < 1 || stored > allocated || high + 1 < stored ||
      high >= allocated || (is_signed != 0 && is_signed != 1))
    throw Error("pixels of {} samples, {} bits in {}, up to bit {}", samples, stored, allocated,
                high);
  return {static_cast<int>(allocated), static_cast<int>(stored), static_cast<int>(high),
          is_signed != 0};
}

// GDCM throws what it likes at damage.
template <typename Work>
auto guarded(const Work& work) {
  silence_gdcm();
  try {
    return work();
  } catch (const Error&) {
    throw;
  } catch (const std::exception&) {
    throw Error("a damaged DICOM file");
  }
}

// work(elements) of all that stands before the pixels.
template <typename Work>
auto with_header(std::string_view bytes, const Work& work) {
  read_dicom_structure(bytes);
  return guarded([&] {
    Bytes buffer(bytes);
    std::istream stream(&buffer);
    gdcm::Reader reader;
    reader.SetStream(stream);
    if (!reader.ReadUpToTag(kPixelData)) throw Error("a damaged DICOM file");
    return work(reader.GetFile().GetDataSet());
  });
}

double slope_or(const std::optional<double>& value, double otherwise) {
  return value && *value != 0 ? *value : otherwise;
}

// Slope and intercept of every frame.
std::vector<std::array<double, 2>> scales_of(const DataSet& set, int64_t frames) {
  const DataSet shared = item_of(set, kShared);
  std::vector<std::array<double, 2>> scales;
  for (int64_t n = 0; n < frames; ++n) {
    const Places places{{item_of(set, kPerFrame, static_cast<size_t>(n) + 1), shared, set}};
    scales.push_back({slope_or(places.number(kTransformation, kSlope), 1),
                      places.number(kTransformation, kIntercept).value_or(0)});
  }
  return scales;
}

// Stored words, of which only some bits count.
template <typename Word>
torch::Tensor values_of(const std::vector<char>& buffer, const PixelFormat& format) {
  const auto count = static_cast<int64_t>(buffer.size() / sizeof(Word));
  auto values = torch::empty({count}, torch::kFloat64);
  auto* value = values.data_ptr<double>();
  const int low = format.high + 1 - format.stored;
  const uint64_t mask = (uint64_t{1} << format.stored) - 1;
  const uint64_t sign = uint64_t{1} << (format.stored - 1);
  for (int64_t i = 0; i < count; ++i) {
    Word word = 0;
    std::memcpy(&word, buffer.data() + static_cast<size_t>(i) * sizeof(Word), sizeof(Word));
    const uint64_t stored = uint64_t{word} >> low & mask;
    const bool is_negative = format.is_signed && (stored & sign) != 0;
    value[i] = static_cast<double>(stored) - (is_negative ? static_cast<double>(mask) + 1 : 0);
  }
  return values;
}

// What GDCM decodes is described to it by what was checked here: its own reading of the header
// stops the program at elements of an unusual kind or number.
torch::Tensor stored_values(const gdcm::File& file, const DicomHeader& header,
                            const PixelFormat& format, size_t file_bytes) {
  const gdcm::DataElement& data = file.GetDataSet().GetDataElement(kPixelData);
  const gdcm::TransferSyntax& syntax = file.GetHeader().GetDataSetTransferSyntax();
  const std::array<unsigned int, 3> sizes = {static_cast<unsigned int>(header.columns),
                                             static_cast<unsigned int>(header.rows),
                                             static_cast<unsigned int>(header.frames.size())};
  const double length = format.allocated / 8.0 * sizes[0] * sizes[1] * sizes[2];
  const bool is_coded = syntax.IsEncapsulated();
  if (length > static_cast<double>(file_bytes) * (is_coded ? kMostRatio : 1))
    throw Error("says that it has {:.4g} MB of pixels, in a file of {:.4g} MB", length / 1e6,
                static_cast<double>(file_bytes) / 1e6);
  if (!is_coded && (data.GetByteValue() == nullptr || data.GetByteValue()->GetLength() < length)) {
    throw Error("fewer pixels than {} frames of {} x {} have", sizes[2], sizes[0], sizes[1]);
  }
  gdcm::Image image;
  image.SetTransferSyntax(syntax);
  image.SetNumberOfDimensions(sizes[2] > 1 ? 3 : 2);
  for (unsigned int axis = 0; axis < image.GetNumberOfDimensions(); ++axis)
    image.SetDimension(axis, sizes[axis]);
  // Whole words; which of their bits count is seen to here.
  const auto bits = static_cast<unsigned short>(format.allocated);
  image.SetPixelFormat(gdcm::PixelFormat(1, bits, bits, static_cast<unsigned short>(bits - 1),
                                         format.is_signed ? 1 : 0));
  image.SetPhotometricInterpretation(gdcm::PhotometricInterpretation::MONOCHROME2);
  image.SetDataElement(data);
  std::vector<char> buffer(static_cast<size_t>(length));
  if (image.GetBufferLength() != buffer.size() || !image.GetBuffer(buffer.data()))
    throw Error("pixels that cannot be decoded");
  if (format.allocated == 8) return values_of<uint8_t>(buffer, format);
  if (format.allocated == 16) return values_of<uint16_t>(buffer, format);
  return values_of<uint32_t>(buffer, format);
}

}  // namespace

bool is_dicom(std::string_view bytes) {
  return bytes.size() > 132 && bytes.substr(128, 4) == "DICM";
}

std::optional<DicomHeader> read_dicom_header(std::string_view bytes) {
  return with_header(bytes, [](const DataSet& set) -> std::optional<DicomHeader> {
    if (!set.FindDataElement(Tag(0x0028, 0x0010))) return {};  // no picture
    if (text_of(set, Tag(0x0008, 0x0060)) == "SEG") return {};

    DicomHeader header;
    const int64_t frames = frame_count(set);
    read_size(set, header);
    pixel_format_of(set);
    const DataSet shared = item_of(set, kShared);
    for (int64_t n = 0; n < frames; ++n) {
      const DataSet own = item_of(set, kPerFrame, static_cast<size_t>(n) + 1);
      if (frames > 1 && own.IsEmpty()) return {};  // a screenshot's film
      const auto frame = read_frame({{own, shared, set}});
      if (!frame) return {};
      header.frames.push_back(*frame);
    }
    header.study_uid = text_of(set, Tag(0x0020, 0x000d));
    header.series_uid = text_of(set, Tag(0x0020, 0x000e));
    header.frame_of_reference = text_of(set, Tag(0x0020, 0x0052));
    header.description = text_of(set, Tag(0x0008, 0x103e));
    if (header.description.empty()) header.description = text_of(set, Tag(0x0018, 0x1030));
    header.patient_digest =
        sha256_of(text_of(set, Tag(0x0010, 0x0020)) + '\n' + text_of(set, Tag(0x0010, 0x0010)));
    header.modality = text_of(set, Tag(0x0008, 0x0060));
    header.series_number = static_cast<int64_t>(number_of(set, Tag(0x0020, 0x0011)).value_or(0));
    header.instance_number = static_cast<int64_t>(number_of(set, Tag(0x0020, 0x0013)).value_or(0));
    header.is_derived = text_of(set, Tag(0x0008, 0x0008)).rfind("DERIVED", 0) == 0;
    return header;
  });
}

DicomIdentity read_dicom_identity(std::string_view bytes) {
  return with_header(bytes, [](const DataSet& set) {
    DicomIdentity identity;
    identity.patient_name = text_of(set, Tag(0x0010, 0x0010));
    identity.patient_id = text_of(set, Tag(0x0010, 0x0020));
    identity.character_set = text_of(set, Tag(0x0008, 0x0005));
    identity.study_uid = text_of(set, Tag(0x0020, 0x000d));
    identity.frame_of_reference = text_of(set, Tag(0x0020, 0x0052));
    return identity;
  });
}

torch::Tensor read_dicom_pixels(std::string_view bytes) {
  const auto header = read_dicom_header(bytes);
  if (!header) throw Error("no picture with a place in a patient");
  const auto frames = static_cast<int64_t>(header->frames.size());
  const DicomStructure structure = read_dicom_structure(bytes);
  return guarded([&] {
    Bytes buffer(bytes);
    std::istream stream(&buffer);
    gdcm::Reader reader;
    reader.SetStream(stream);
    if (!reader.Read()) throw Error("a damaged DICOM file");
    const DataSet& set = reader.GetFile().GetDataSet();
    if (!set.FindDataElement(kPixelData)) throw Error("a DICOM file without pixels");
    const PixelFormat format = pixel_format_of(set);
    check_coded_pixels(structure, {header->columns, header->rows, 1, format.allocated}, frames);
    auto values = stored_values(reader.GetFile(), *header, format, bytes.size())
                      .view({frames, header->rows, header->columns});
    if (text_of(set, kPhotometric) == "MONOCHROME1")
      values = (format.is_signed ? -1 : std::exp2(format.stored) - 1) - values;
    const auto scales = scales_of(set, frames);
    for (int64_t n = 0; n < frames; ++n) {
      const auto& [slope, intercept] = scales[static_cast<size_t>(n)];
      values[n].mul_(slope).add_(intercept);
    }
    auto result = values.to(torch::kFloat32);
    if (!torch::isfinite(result).all().item<bool>()) throw Error("pixels that are not finite");
    return result;
  });
}

}  // namespace dmcvr
