// SPDX-License-Identifier: Apache-2.0
// Audits for the eye (text) and for programs (JSON).
#pragma once

#include "dmcvr/study/audit.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace dmcvr {

constexpr const char* kAuditFormat = "dmcvr info 1";

// One case: a line per series under a line of headings, then every kind of problem once, with the
// series that have it and what reconstruct does about it.
std::vector<std::string> audit_table(const Audit& audit);

// Many cases: a line each, a line per kind of problem, and the counts.
std::vector<std::string> audits_table(const std::vector<Audit>& audits);

// {"format", "cases": […], "summary": {"cases", "clean", "repaired", "refused"}}; lengths in mm,
// times in ms, frames from 0, null where not known. docs/reference/inputs.md lists the keys.
nlohmann::json audits_json(const std::vector<Audit>& audits);

}  // namespace dmcvr
