// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/dicom.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/memory.h"
#include "dmcvr/core/sha256.h"
#include "dmcvr/io/dicom_codestream.h"
#include "dmcvr/io/dicom_elements.h"

#include <gdcmImage.h>
#include <gdcmSequenceOfFragments.h>
#include <gdcmTrace.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

namespace dmcvr {
namespace {

constexpr int64_t kMostSide = 8192;
constexpr int64_t kMostFrames = 100000;
constexpr double kMostRatio = 1000;   // of decoded to coded bytes,
constexpr double kLeastCoded = 1024;  // of which a picture of one value may have almost none
constexpr double kMostSkew = 1e-3;

constexpr uint32_t kPixelData = dicom_tag(0x7fe0, 0x0010), kPhotometric = dicom_tag(0x0028, 0x0004),
                   kPosition = dicom_tag(0x0020, 0x0032), kOrientation = dicom_tag(0x0020, 0x0037),
                   kSpacing = dicom_tag(0x0028, 0x0030), kThickness = dicom_tag(0x0018, 0x0050),
                   kSlope = dicom_tag(0x0028, 0x1053), kIntercept = dicom_tag(0x0028, 0x1052);

// ---- values ----

// Without padding.
std::string text_of(const DicomElements& set, uint32_t tag) {
  const DicomElement* element = set.find(tag);
  if (element == nullptr) return {};
  std::string text(element->value);
  const auto is_padding = [](char c) { return c == ' ' || c == '\0'; };
  while (!text.empty() && is_padding(text.back())) text.pop_back();
  const auto first = std::find_if_not(text.begin(), text.end(), is_padding);
  return {first, text.end()};
}

// "1.5\1.5": as many numbers as there are, nothing where one of them is none.
std::vector<double> numbers_of(const DicomElements& set, uint32_t tag) {
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

std::optional<double> number_of(const DicomElements& set, uint32_t tag) {
  const auto numbers = numbers_of(set, tag);
  if (numbers.empty() || !std::isfinite(numbers[0])) return {};
  return numbers[0];
}

// For numbers that only sort; 0 where it is none.
int64_t whole_of(const DicomElements& set, uint32_t tag) {
  const double number = number_of(set, tag).value_or(0);
  return std::abs(number) < 1e15 ? static_cast<int64_t>(number) : 0;
}

// A number that is stored in binary: US, UL or FD, by its type.
template <typename Number>
std::optional<double> binary_of(const DicomElements& set, uint32_t tag) {
  const DicomElement* element = set.find(tag);
  if (element == nullptr || element->value.size() < sizeof(Number)) return {};
  std::array<char, sizeof(Number)> bytes;
  std::copy_n(element->value.begin(), bytes.size(), bytes.begin());
  if (set.is_big_endian) std::reverse(bytes.begin(), bytes.end());
  Number value = 0;
  std::memcpy(&value, bytes.data(), bytes.size());
  const auto number = static_cast<double>(value);
  if (!std::isfinite(number)) return {};
  return number;
}

// "093015.25" -> seconds since midnight.
std::optional<double> seconds_of(const DicomElements& set, uint32_t tag) {
  const std::string text = text_of(set, tag);
  constexpr const char* kDigits = "0123456789";
  if (text.size() < 6 || text.find_first_not_of(kDigits) < 6 ||
      text.find_first_not_of("0123456789.") != std::string::npos)
    return {};
  const double hours = std::stod(text.substr(0, 2)), minutes = std::stod(text.substr(2, 2));
  const double seconds = std::strtod(text.c_str() + 4, nullptr);
  return 3600 * hours + 60 * minutes + seconds;
}

// ---- geometry ----

Point ras_from_lps(double x, double y, double z) {
  return {-x, -y, z};
}

// The sets that say something of a frame: its own functional group, the shared one, the file.
struct Places {
  std::array<const DicomElements*, 3> sets;

  // In the item `sequence` of the groups, or in the file itself.
  std::vector<double> numbers(uint32_t sequence, uint32_t tag) const {
    for (size_t i = 0; i < 2; ++i) {
      auto found = numbers_of(sets[i]->item(sequence), tag);
      if (!found.empty()) return found;
    }
    return numbers_of(*sets[2], tag);
  }
  std::optional<double> number(uint32_t sequence, uint32_t tag) const {
    const auto found = numbers(sequence, tag);
    if (found.empty() || !std::isfinite(found[0])) return {};
    return found[0];
  }
};

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

  const DicomElements& file = *places.sets[2];
  frame.trigger_ms = number_of(file, dicom_tag(0x0018, 0x1060));
  frame.temporal_position = number_of(file, dicom_tag(0x0020, 0x0100));
  frame.acquisition_s = seconds_of(file, dicom_tag(0x0008, 0x0032));
  for (size_t i = 2; i-- > 0;) {
    const DicomElements& group = *places.sets[i];
    if (const auto ms =
            binary_of<double>(group.item(kCardiacSynchronization), dicom_tag(0x0020, 0x9153)))
      frame.trigger_ms = ms;
    if (const auto n = binary_of<uint32_t>(group.item(kFrameContent), dicom_tag(0x0020, 0x9128)))
      frame.temporal_position = n;
  }
  return frame;
}

// ---- files ----

int64_t frame_count(const DicomElements& set) {
  const auto count = number_of(set, dicom_tag(0x0028, 0x0008));
  const bool is_classic = set.find(kPerFrameGroups) == nullptr;
  if (!count || (*count == 0 && is_classic)) return 1;
  if (*count < 1 || *count > static_cast<double>(kMostFrames) || *count != std::floor(*count))
    throw Error("says that it has {} frames", *count);
  return static_cast<int64_t>(*count);
}

void read_size(const DicomElements& set, DicomHeader& header) {
  const auto rows = binary_of<uint16_t>(set, dicom_tag(0x0028, 0x0010)),
             columns = binary_of<uint16_t>(set, dicom_tag(0x0028, 0x0011));
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

PixelFormat pixel_format_of(const DicomElements& set) {
  const double samples = binary_of<uint16_t>(set, dicom_tag(0x0028, 0x0002)).value_or(1);
  const double allocated = binary_of<uint16_t>(set, dicom_tag(0x0028, 0x0100)).value_or(0);
  const double stored = binary_of<uint16_t>(set, dicom_tag(0x0028, 0x0101)).value_or(0);
  const double high = binary_of<uint16_t>(set, dicom_tag(0x0028, 0x0102)).value_or(0);
  const double is_signed = binary_of<uint16_t>(set, dicom_tag(0x0028, 0x0103)).value_or(0);
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

double slope_or(const std::optional<double>& value, double otherwise) {
  return value && *value != 0 ? *value : otherwise;
}

// Slope and intercept of every frame.
std::vector<std::array<double, 2>> scales_of(const DicomElements& set, int64_t frames) {
  const DicomElements& shared = set.item(kSharedGroups);
  std::vector<std::array<double, 2>> scales;
  for (int64_t n = 0; n < frames; ++n) {
    const Places places{{&set.item(kPerFrameGroups, static_cast<size_t>(n)), &shared, &set}};
    scales.push_back({slope_or(places.number(kPixelTransformation, kSlope), 1),
                      places.number(kPixelTransformation, kIntercept).value_or(0)});
  }
  return scales;
}

// Stored words of a frame, of which only some bits count.
template <typename Word>
torch::Tensor values_of(std::string_view buffer, const PixelFormat& format) {
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

// Words of uncoded pixels as this machine has them.
std::vector<char> plain_words(const DicomElement& pixels, const PixelFormat& format, size_t size,
                              bool is_big_endian) {
  const std::string_view value = pixels.value;
  if (value.size() < size) throw Error("{} bytes of pixels, {} are needed", value.size(), size);
  if (!is_big_endian) return {value.begin(), value.begin() + static_cast<std::ptrdiff_t>(size)};
  // Bytes in OW lie in words of 16 bits, too (PS3.5, 8.1.2).
  const size_t word =
      std::max<size_t>(static_cast<size_t>(format.allocated) / 8, pixels.kind == "OW" ? 2 : 1);
  std::vector<char> words(value.begin(), value.end());
  for (size_t end = word; end <= words.size(); end += word)
    std::reverse(words.begin() + static_cast<std::ptrdiff_t>(end - word),
                 words.begin() + static_cast<std::ptrdiff_t>(end));
  words.resize(size);
  return words;
}

// GDCM throws what it likes at damage, and what it has to say goes nowhere: it names files by their
// content, and our errors say the rest.
std::vector<char> decoded(gdcm::Image& image, size_t size) {
  gdcm::Trace::DebugOff();
  gdcm::Trace::WarningOff();
  gdcm::Trace::ErrorOff();
  std::vector<char> words(size);
  bool is_whole = false;
  try {
    is_whole = image.GetBufferLength() == size && image.GetBuffer(words.data());
  } catch (const std::exception&) {
  }
  if (!is_whole) throw Error("pixels that cannot be decoded");
  return words;
}

// The coded frames, checked and described to GDCM by what was checked: its own reading of a file
// stops the program at elements of an unusual kind or number.
std::vector<char> coded_words(const DicomFile& file, const DicomHeader& header,
                              const PixelFormat& format, size_t size) {
  const auto frames = static_cast<int64_t>(header.frames.size());
  const auto streams =
      coded_frames(file, {header.columns, header.rows, 1, format.allocated}, frames);
  const auto syntax = gdcm::TransferSyntax::GetTSType(file.transfer_syntax.c_str());
  if (syntax == gdcm::TransferSyntax::TS_END)
    throw Error("the transfer syntax {} is not read", file.transfer_syntax);

  const gdcm::SmartPointer<gdcm::SequenceOfFragments> sequence = new gdcm::SequenceOfFragments;
  for (const std::string& stream : streams) {
    gdcm::Fragment fragment;
    fragment.SetByteValue(stream.data(), static_cast<uint32_t>(stream.size()));
    sequence->AddFragment(fragment);
  }
  gdcm::DataElement data(gdcm::Tag(0x7fe0, 0x0010), 0xffffffff, gdcm::VR::OB);
  data.SetValue(*sequence);

  gdcm::Image image;
  image.SetTransferSyntax(syntax);
  image.SetNumberOfDimensions(frames > 1 ? 3 : 2);
  image.SetDimension(0, static_cast<unsigned int>(header.columns));
  image.SetDimension(1, static_cast<unsigned int>(header.rows));
  if (frames > 1) image.SetDimension(2, static_cast<unsigned int>(frames));
  // Whole words; which of their bits count is seen to here.
  const auto bits = static_cast<unsigned short>(format.allocated);
  image.SetPixelFormat(gdcm::PixelFormat(1, bits, bits, static_cast<unsigned short>(bits - 1),
                                         format.is_signed ? 1 : 0));
  image.SetPhotometricInterpretation(gdcm::PhotometricInterpretation::MONOCHROME2);
  image.SetDataElement(data);
  return decoded(image, size);
}

// Bytes of all decoded pixels, which the file bears out.
size_t checked_size(const DicomFile& file, const DicomHeader& header, const PixelFormat& format) {
  const DicomElement* pixels = file.elements.find(kPixelData);
  if (pixels == nullptr) throw Error("a DICOM file without pixels");
  const bool is_coded = file.coding != PixelCoding::none;
  if (!is_coded && !file.fragments.empty())
    throw Error("coded pixels, of which the transfer syntax knows nothing");
  double stored = static_cast<double>(pixels->value.size());
  for (const auto fragment : file.fragments) stored += static_cast<double>(fragment.size());
  const double size = format.allocated / 8.0 * static_cast<double>(header.columns) *
                      static_cast<double>(header.rows) * static_cast<double>(header.frames.size());
  if (size > (is_coded ? (stored + kLeastCoded) * kMostRatio : stored))
    throw Error("says that it has {:.4g} MB of pixels, and holds {:.4g} MB", size / 1e6,
                stored / 1e6);
  return static_cast<size_t>(size);
}

// Of all frames.
std::vector<char> stored_words(const DicomFile& file, const DicomHeader& header,
                               const PixelFormat& format) {
  const size_t bytes = checked_size(file, header, format);
  const double pixels = 8.0 * static_cast<double>(bytes) / format.allocated;
  // Twice where they are decoded or turned around, and as the numbers that they become.
  check_memory(2 * static_cast<double>(bytes) + sizeof(float) * pixels, "its pixels");
  return file.coding != PixelCoding::none ? coded_words(file, header, format, bytes)
                                          : plain_words(*file.elements.find(kPixelData), format,
                                                        bytes, file.elements.is_big_endian);
}

torch::Tensor frame_values(std::string_view words, const PixelFormat& format) {
  if (format.allocated == 8) return values_of<uint8_t>(words, format);
  if (format.allocated == 16) return values_of<uint16_t>(words, format);
  return values_of<uint32_t>(words, format);
}

// Free text in UTF-8; what it cannot be sure of becomes '?'.
std::string utf8_of(const std::string& text, const std::string& character_set) {
  if (character_set.find("ISO_IR 192") != std::string::npos) return text;
  const bool is_latin = character_set.find("100") != std::string::npos;
  std::string utf8;
  for (const char letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    if (code < 0x80) {
      utf8 += letter;
    } else if (is_latin) {
      utf8 += static_cast<char>(0xc0 | code >> 6);
      utf8 += static_cast<char>(0x80 | (code & 0x3f));
    } else {
      utf8 += '?';
    }
  }
  return utf8;
}

// Nothing for what holds no picture with a place in the patient.
std::optional<DicomHeader> header_of(const DicomFile& file) {
  const DicomElements& set = file.elements;
  if (set.find(dicom_tag(0x0028, 0x0010)) == nullptr) return {};  // no picture
  if (text_of(set, dicom_tag(0x0008, 0x0060)) == "SEG") return {};

  DicomHeader header;
  const int64_t frames = frame_count(set);
  const DicomElements& shared = set.item(kSharedGroups);
  for (int64_t n = 0; n < frames; ++n) {
    const DicomElements& own = set.item(kPerFrameGroups, static_cast<size_t>(n));
    if (frames > 1 && own.all.empty()) return {};  // a screenshot's film
    const auto frame = read_frame({{&own, &shared, &set}});
    if (!frame) return {};
    header.frames.push_back(*frame);
  }
  // Screenshots, which may have colors, have left by now.
  read_size(set, header);
  checked_size(file, header, pixel_format_of(set));
  header.study_uid = text_of(set, dicom_tag(0x0020, 0x000d));
  header.series_uid = text_of(set, dicom_tag(0x0020, 0x000e));
  header.frame_of_reference = text_of(set, dicom_tag(0x0020, 0x0052));
  header.description = text_of(set, dicom_tag(0x0008, 0x103e));
  if (header.description.empty()) header.description = text_of(set, dicom_tag(0x0018, 0x1030));
  header.description = utf8_of(header.description, text_of(set, dicom_tag(0x0008, 0x0005)));
  header.patient_digest = sha256_of(text_of(set, dicom_tag(0x0010, 0x0020)) + '\n' +
                                    text_of(set, dicom_tag(0x0010, 0x0010)));
  header.modality = text_of(set, dicom_tag(0x0008, 0x0060));
  header.series_number = whole_of(set, dicom_tag(0x0020, 0x0011));
  header.instance_number = whole_of(set, dicom_tag(0x0020, 0x0013));
  header.is_derived = text_of(set, dicom_tag(0x0008, 0x0008)).rfind("DERIVED", 0) == 0;
  return header;
}

}  // namespace

bool is_dicom(std::string_view bytes) {
  return bytes.size() > 132 && bytes.substr(128, 4) == "DICM";
}

std::optional<DicomHeader> read_dicom_header(std::string_view bytes) {
  return header_of(read_dicom_elements(bytes));
}

DicomIdentity read_dicom_identity(std::string_view bytes) {
  const DicomElements set = read_dicom_elements(bytes).elements;
  DicomIdentity identity;
  identity.patient_name = text_of(set, dicom_tag(0x0010, 0x0010));
  identity.patient_id = text_of(set, dicom_tag(0x0010, 0x0020));
  identity.character_set = text_of(set, dicom_tag(0x0008, 0x0005));
  identity.study_uid = text_of(set, dicom_tag(0x0020, 0x000d));
  identity.frame_of_reference = text_of(set, dicom_tag(0x0020, 0x0052));
  return identity;
}

torch::Tensor read_dicom_pixels(std::string_view bytes) {
  const DicomFile file = read_dicom_elements(bytes);
  const DicomElements& set = file.elements;
  const auto header = header_of(file);
  if (!header) throw Error("no picture with a place in a patient");
  const auto frames = static_cast<int64_t>(header->frames.size());
  const PixelFormat format = pixel_format_of(set);
  const auto words = stored_words(file, *header, format);
  const size_t frame_bytes = words.size() / static_cast<size_t>(frames);
  const bool is_inverse = text_of(set, kPhotometric) == "MONOCHROME1";
  const auto scales = scales_of(set, frames);
  auto result = torch::empty({frames, header->rows, header->columns});
  for (int64_t n = 0; n < frames; ++n) {
    const size_t first = static_cast<size_t>(n) * frame_bytes;
    auto values = frame_values(std::string_view(words.data() + first, frame_bytes), format);
    if (is_inverse) values = (format.is_signed ? -1 : std::exp2(format.stored) - 1) - values;
    const auto& [slope, intercept] = scales[static_cast<size_t>(n)];
    result[n].copy_(values.mul_(slope).add_(intercept).view({header->rows, header->columns}));
  }
  if (!torch::isfinite(result).all().item<bool>()) throw Error("pixels that are not finite");
  return result;
}

}  // namespace dmcvr
