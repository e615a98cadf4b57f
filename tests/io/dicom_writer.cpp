// SPDX-License-Identifier: Apache-2.0
#include "io/dicom_writer.h"

#include <fmt/format.h>
#include <gdcmAttribute.h>
#include <gdcmImageChangeTransferSyntax.h>
#include <gdcmImageReader.h>
#include <gdcmImageWriter.h>
#include <gdcmWriter.h>
#include <torch/types.h>

#include <sstream>
#include <vector>

namespace dmcvr::test {
namespace {

using gdcm::Tag;

void put(gdcm::DataSet& set, const Tag& tag, gdcm::VR::VRType type, std::string text) {
  if (text.size() % 2 != 0) text += type == gdcm::VR::UI ? '\0' : ' ';
  gdcm::DataElement element(tag);
  element.SetVR(type);
  element.SetByteValue(text.data(), static_cast<uint32_t>(text.size()));
  set.Replace(element);
}

template <uint16_t group, uint16_t element>
void put_word(gdcm::DataSet& set, uint16_t value) {
  gdcm::Attribute<group, element> attribute;
  attribute.SetValue(value);
  set.Replace(attribute.GetAsDataElement());
}

template <typename Numbers>
std::string joined(const Numbers& numbers) {
  std::string text;
  for (const double number : numbers)
    text += (text.empty() ? "" : "\\") + fmt::format("{:.10g}", number);
  return text;
}

std::string plain_bytes(const DicomPage& page, const torch::Tensor& stored, bool is_implicit) {
  gdcm::Writer writer;
  gdcm::DataSet& set = writer.GetFile().GetDataSet();
  const auto uid = fmt::format("{}.{}", page.series_uid, page.instance);
  put(set, Tag(0x0008, 0x0008), gdcm::VR::CS, page.image_type);
  put(set, Tag(0x0008, 0x0016), gdcm::VR::UI, "1.2.840.10008.5.1.4.1.1.4");
  put(set, Tag(0x0008, 0x0018), gdcm::VR::UI, uid);
  put(set, Tag(0x0008, 0x0060), gdcm::VR::CS, page.modality);
  put(set, Tag(0x0008, 0x103e), gdcm::VR::LO, page.description);
  put(set, Tag(0x0010, 0x0010), gdcm::VR::PN, page.patient);
  put(set, Tag(0x0010, 0x0020), gdcm::VR::LO, page.patient);
  put(set, Tag(0x0018, 0x0050), gdcm::VR::DS, page.thickness);
  if (!page.acquisition.empty()) put(set, Tag(0x0008, 0x0032), gdcm::VR::TM, page.acquisition);
  if (!page.trigger.empty()) put(set, Tag(0x0018, 0x1060), gdcm::VR::DS, page.trigger);
  if (!page.temporal_position.empty())
    put(set, Tag(0x0020, 0x0100), gdcm::VR::IS, page.temporal_position);
  put(set, Tag(0x0020, 0x000d), gdcm::VR::UI, page.study_uid);
  put(set, Tag(0x0020, 0x000e), gdcm::VR::UI, page.series_uid);
  put(set, Tag(0x0020, 0x0011), gdcm::VR::IS, std::to_string(page.series));
  put(set, Tag(0x0020, 0x0013), gdcm::VR::IS, std::to_string(page.instance));
  put(set, Tag(0x0020, 0x0052), gdcm::VR::UI, page.frame_of_reference);
  if (page.has_place) {
    put(set, Tag(0x0020, 0x0032), gdcm::VR::DS, joined(page.position));
    put(set, Tag(0x0020, 0x0037), gdcm::VR::DS, joined(page.directions));
    put(set, Tag(0x0028, 0x0030), gdcm::VR::DS, joined(page.spacing));
  }
  put_word<0x0028, 0x0002>(set, 1);
  put(set, Tag(0x0028, 0x0004), gdcm::VR::CS, page.photometric);
  put_word<0x0028, 0x0010>(set, static_cast<uint16_t>(stored.size(0)));
  put_word<0x0028, 0x0011>(set, static_cast<uint16_t>(stored.size(1)));
  put_word<0x0028, 0x0100>(set, 16);
  put_word<0x0028, 0x0101>(set, page.bits_stored);
  put_word<0x0028, 0x0102>(set, static_cast<uint16_t>(page.bits_stored - 1));
  put_word<0x0028, 0x0103>(set, page.is_signed ? 1 : 0);
  if (!page.intercept.empty()) put(set, Tag(0x0028, 0x1052), gdcm::VR::DS, page.intercept);
  if (!page.slope.empty()) put(set, Tag(0x0028, 0x1053), gdcm::VR::DS, page.slope);

  const auto words = stored.to(torch::kInt32).bitwise_and(0xffff).contiguous();
  std::vector<uint16_t> pixels(static_cast<size_t>(words.numel()));
  for (size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = static_cast<uint16_t>(words.data_ptr<int32_t>()[i]);
  gdcm::DataElement data(Tag(0x7fe0, 0x0010));
  data.SetVR(gdcm::VR::OW);
  data.SetByteValue(reinterpret_cast<const char*>(pixels.data()),
                    static_cast<uint32_t>(2 * pixels.size()));
  set.Replace(data);

  writer.GetFile().GetHeader().SetDataSetTransferSyntax(
      is_implicit ? gdcm::TransferSyntax::ImplicitVRLittleEndian
                  : gdcm::TransferSyntax::ExplicitVRLittleEndian);
  std::ostringstream stream;
  writer.SetStream(stream);
  TORCH_CHECK(writer.Write(), "a DICOM file could not be written");
  return stream.str();
}

}  // namespace

std::string dicom_bytes(const DicomPage& page, const torch::Tensor& stored,
                        const std::string& transfer_syntax) {
  const std::string plain = plain_bytes(page, stored, transfer_syntax == "implicit");
  if (transfer_syntax == "explicit" || transfer_syntax == "implicit") return plain;
  std::istringstream in(plain);
  gdcm::ImageReader reader;
  reader.SetStream(in);
  TORCH_CHECK(reader.Read(), "a DICOM file could not be read back");
  gdcm::ImageChangeTransferSyntax change;
  change.SetTransferSyntax(transfer_syntax == "rle" ? gdcm::TransferSyntax::RLELossless
                           : transfer_syntax == "jpeg"
                               ? gdcm::TransferSyntax::JPEGLosslessProcess14_1
                           : transfer_syntax == "jpegls" ? gdcm::TransferSyntax::JPEGLSLossless
                                                         : gdcm::TransferSyntax::JPEG2000Lossless);
  change.SetInput(reader.GetImage());
  TORCH_CHECK(change.Change(), "a DICOM file could not be coded as ", transfer_syntax);
  std::ostringstream out;
  gdcm::ImageWriter writer;
  writer.SetStream(out);
  writer.SetFile(reader.GetFile());
  writer.SetImage(change.GetOutput());
  TORCH_CHECK(writer.Write(), "a DICOM file could not be written as ", transfer_syntax);
  return out.str();
}

}  // namespace dmcvr::test
