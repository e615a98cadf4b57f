// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/archive.h"

#include "support.h"

#include "dmcvr/core/error.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;
using Files = std::vector<std::pair<std::string, std::string>>;

fs::path new_archive(const std::string& name, const Files& files, const char* link = nullptr) {
  const fs::path path = test::fresh_folder() / name;
  archive* writer = archive_write_new();
  const bool is_zip = name.find(".zip") != std::string::npos;
  is_zip ? archive_write_set_format_zip(writer) : archive_write_set_format_pax_restricted(writer);
  if (name.find(".tar.gz") != std::string::npos) archive_write_add_filter_gzip(writer);
  EXPECT_EQ(archive_write_open_filename(writer, path.c_str()), ARCHIVE_OK);
  archive_entry* entry = archive_entry_new();
  for (const auto& [file, content] : files) {
    archive_entry_clear(entry);
    archive_entry_set_pathname(entry, file.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_write_header(writer, entry);
    archive_write_data(writer, content.data(), content.size());
  }
  if (link != nullptr) {
    archive_entry_clear(entry);
    archive_entry_set_pathname(entry, "link");
    archive_entry_set_filetype(entry, AE_IFLNK);
    archive_entry_set_symlink(entry, link);
    archive_write_header(writer, entry);
  }
  archive_entry_free(entry);
  archive_write_free(writer);
  return path;
}

std::map<std::string, std::string> archive_content(const fs::path& path,
                                                   const ArchiveLimits& limits = {}) {
  std::map<std::string, std::string> found;
  visit_files(path, limits,
              {[](const std::string& name, std::string_view) { return name != "skipped"; },
               [&](const std::string& name, std::string_view bytes) { found[name] = bytes; }});
  return found;
}

std::string archive_refusal(const fs::path& path, const ArchiveLimits& limits = {}) {
  try {
    archive_content(path, limits);
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).rfind(path.string(), 0), 0u) << error.what();
    return error.what();
  }
  return "";
}

const Files kFiles = {
    {"b/two", std::string(70000, 'x')}, {"a", "one"}, {"empty", ""}, {"skipped", "no"}};
const std::map<std::string, std::string> kFound = {
    {"b/two", std::string(70000, 'x')}, {"a", "one"}, {"empty", ""}};

TEST(Archive, FolderZipAndTarHoldTheSame) {
  const fs::path folder = test::fresh_folder() / "folder";
  fs::create_directories(folder / "b");
  for (const auto& [name, content] : kFiles) std::ofstream(folder / name) << content;
  std::ofstream(folder / ".hidden") << "no";
  EXPECT_EQ(archive_content(folder), kFound);
  EXPECT_FALSE(is_archive(folder));
  for (const auto* name : {"a.zip", "a.tar", "a.tar.gz"}) {
    const auto path = new_archive(name, kFiles);
    EXPECT_TRUE(is_archive(path)) << name;
    EXPECT_EQ(archive_content(path), kFound) << name;
  }
  EXPECT_FALSE(is_archive(folder / "a"));
}

TEST(Archive, FirstBytesTellWhatToRead) {
  const auto path = new_archive("a.zip", kFiles);
  std::map<std::string, size_t> asked;
  visit_files(path, {},
              {[&](const std::string& name, std::string_view first) {
                 asked[name] = first.size();
                 return false;
               },
               [](const std::string&, std::string_view) { FAIL() << "was not wanted"; }});
  EXPECT_EQ(asked, (std::map<std::string, size_t>{
                       {"a", 3}, {"b/two", 256}, {"empty", 0}, {"skipped", 2}}));
}

TEST(Archive, NamesThatLeadElsewhereAreRefused) {
  for (const auto* name : {"../up", "a/../../up", "/absolute", "c:\\windows", "a/.."}) {
    EXPECT_NE(archive_refusal(new_archive("a.tar", {{name, "x"}})).find("leads upwards"),
              std::string::npos)
        << name;
  }
}

TEST(Archive, LinksArePassedOver) {
  EXPECT_EQ(archive_content(new_archive("a.tar", {{"a", "one"}}, "/etc/passwd")),
            (std::map<std::string, std::string>{{"a", "one"}}));
}

TEST(Archive, LimitsHoldAndCanBeLifted) {
  const Files bomb = {{"zeros", std::string(8 << 20, '\0')}};
  const auto path = new_archive("a.zip", bomb);
  EXPECT_NE(archive_refusal(path).find("expands"), std::string::npos);
  ArchiveLimits trusting;
  trusting.ratio = 1e9;
  EXPECT_EQ(archive_content(path, trusting).at("zeros").size(), 8u << 20);
  trusting.entry_mib = 4;
  EXPECT_NE(archive_refusal(path, trusting).find("more than 4 MiB"), std::string::npos);
  trusting = {};
  trusting.entries = 1;
  EXPECT_NE(archive_refusal(new_archive("b.zip", kFiles), trusting).find("more than 1 files"),
            std::string::npos);
}

TEST(Archive, DamageIsAnError) {
  const auto path = new_archive("a.zip", kFiles);
  fs::resize_file(path, fs::file_size(path) / 2);
  EXPECT_NE(archive_refusal(path), "");
  EXPECT_NE(archive_refusal(path.parent_path() / "missing.zip"), "");
}

}  // namespace
TEST(VisitFiles, NamesAreUtf8WhateverTheLocale) {
  for (const auto* kind : {"a.zip", "a.tar.gz"}) {
    const auto path = new_archive(kind, {{"caf\u00e9/\u5fc3.nii.gz", "1"}});
    EXPECT_EQ(archive_content(path).count("caf\u00e9/\u5fc3.nii.gz"), 1U) << kind;
  }
}

TEST(VisitFiles, AsksForNamesFirst) {
  const auto path = new_archive("a.zip", {{"a", "1"}, {"b", "2"}});
  std::vector<std::string> looked_at;
  FileVisit work;
  work.wants_name = [](const std::string& name) { return name == "b"; };
  work.wants = [&](const std::string& name, std::string_view) {
    looked_at.push_back(name);
    return true;
  };
  work.visit = [](const std::string&, std::string_view) {};
  visit_files(path, {}, work);
  EXPECT_EQ(looked_at, std::vector<std::string>{"b"});
}

TEST(VisitFiles, EndsWhenItIsEnough) {
  const auto path = new_archive("a.zip", {{"a", "1"}, {"b", "2"}, {"c", "3"}});
  const auto folder = test::fresh_folder();
  for (const auto* name : {"a", "b", "c"}) std::ofstream(folder / name) << name;
  for (const auto& place : {path, folder}) {
    std::vector<std::string> seen;
    visit_files(place, {},
                {[](const std::string&, std::string_view) { return true; },
                 [&](const std::string& name, std::string_view) { seen.push_back(name); },
                 [&] { return seen.size() == 2; }});
    EXPECT_EQ(seen, (std::vector<std::string>{"a", "b"})) << place;
  }
}

}  // namespace dmcvr
