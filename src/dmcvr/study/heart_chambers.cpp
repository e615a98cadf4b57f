// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/heart_chambers.h"

#include "dmcvr/core/random.h"

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace {

constexpr double kStraight = 3.14159265358979323846;

double eased(double x) {
  const double s = std::clamp(x, 0.0, 1.0);
  return s * s * (3 - 2 * s);
}

}  // namespace

float Bar::depth_mm(double x, double y) const {
  const double along_x = x1 - x0, along_y = y1 - y0;
  const double square = along_x * along_x + along_y * along_y;
  const double at =
      square == 0 ? 0 : std::clamp(((x - x0) * along_x + (y - y0) * along_y) / square, 0.0, 1.0);
  return static_cast<float>(radius_mm - std::hypot(x - x0 - at * along_x, y - y0 - at * along_y));
}

HeartChambers::HeartChambers(uint64_t seed, const HeartShape& shape) : shape_(shape) {
  auto generator = make_generator(seed, "heart chambers");
  const auto draw = [&](double low, double high) { return uniform(generator, low, high); };
  const HeartPhase ed = heart_at(shape, 0);
  const double endo_mm = ed.endo_a_mm, beside_mm = ed.epi_a_mm + 0.45 * ed.rv_gap_mm;
  const auto place = [&](double valve_angle, double valve_mm, double angle, double away_mm) {
    Tube tube;
    tube.valve_x = valve_mm * std::cos(valve_angle);
    tube.valve_y = valve_mm * std::sin(valve_angle);
    tube.x = away_mm * std::cos(angle);
    tube.y = away_mm * std::sin(angle);
    return tube;
  };

  // The aorta leaves the LV at the side of the septum and leans over the right heart; the left
  // atrium takes the rest of the opening and lies behind.
  aorta_angle_ = shape.rv_angle + draw(0.45, 0.8);
  auto& aorta = tubes_[static_cast<size_t>(Chamber::aorta)];
  aorta = place(aorta_angle_, 0.55 * endo_mm, aorta_angle_, endo_mm * draw(0.75, 1));
  aorta.radius_mm = draw(11.5, 15);
  aorta.reach_mm = draw(70, 95);
  aorta.widest = 0.25;
  aorta.filling = 0.05;

  const double behind = aorta_angle_ + kStraight + draw(-0.3, 0.3);
  auto& left = tubes_[static_cast<size_t>(Chamber::left_atrium)];
  left = place(behind, 0.25 * endo_mm, behind, endo_mm * draw(0.45, 0.7));
  left.radius_mm = std::min(32.0, endo_mm * draw(0.75, 0.9) / 0.84);
  left.reach_mm = draw(46, 62);
  left.filling = 0.18;

  // The right atrium continues the RV, the pulmonary trunk leaves it in front.
  const double tricuspid = shape.rv_angle - draw(0.1, 0.35);
  auto& right = tubes_[static_cast<size_t>(Chamber::right_atrium)];
  const double right_distance_mm = beside_mm * draw(0.95, 1.1);
  const double right_angle = tricuspid - draw(0, 0.2);
  right = place(tricuspid, beside_mm, right_angle, right_distance_mm);
  right.radius_mm = std::clamp(0.85 * ed.rv_gap_mm, 19.0, 29.0) * draw(0.95, 1.1);
  right.reach_mm = draw(44, 60);
  right.filling = 0.15;
  right.is_right = true;

  auto& trunk = tubes_[static_cast<size_t>(Chamber::pulmonary_trunk)];
  const double front = shape.rv_angle + draw(0.85, 1.1);
  const double trunk_distance_mm = ed.epi_a_mm * draw(0.95, 1.1);
  const double trunk_angle = front + draw(0, 0.25);
  trunk = place(front, ed.epi_a_mm + 0.3 * ed.rv_gap_mm, trunk_angle, trunk_distance_mm);
  trunk.radius_mm = draw(11, 15);
  trunk.reach_mm = draw(50, 75);
  trunk.is_right = true;

  // The moderator band crosses the RV; finer trabeculae reach into it.
  trabeculae_.push_back({shape.rv_angle + draw(-0.4, 0.1), draw(0.42, 0.5), draw(0.54, 0.62), 1,
                         draw(1.4, 2.4), draw(-0.2, 0.2)});
  const auto count = 6 + uniform_index(generator, 7);
  for (int64_t i = 0; i < count; ++i) {
    const double begin = draw(0.1, 0.65);
    trabeculae_.push_back({shape.rv_angle + 0.85 * shape.rv_half_width * draw(-1, 1), begin,
                           begin + draw(0.12, 0.35), draw(0.15, 0.6), draw(0.9, 2.2),
                           draw(-0.5, 0.5)});
  }
}

std::vector<HeartChambers::Disk> HeartChambers::at(const HeartPhase& phase, double z_mm) const {
  std::vector<Disk> disks;
  for (size_t i = 0; i < kChambers; ++i) {
    const Tube& tube = tubes_[i];
    const double above_mm = (tube.is_right ? phase.z_rv_base_mm : phase.z_base_mm) - z_mm;
    const double far = above_mm / tube.reach_mm;
    if (far < 0 || far >= 1) continue;
    const double from_widest = (far - tube.widest) / (1 - tube.widest);
    Disk disk;
    disk.chamber = static_cast<Chamber>(i);
    disk.bar.radius_mm = tube.radius_mm * (1 + tube.filling * phase.contraction * eased(4 * far)) *
                         std::sqrt(1 - from_widest * from_widest);
    const double moved = eased(far / 0.6);
    disk.bar.x0 = disk.bar.x1 = tube.valve_x + moved * (tube.x - tube.valve_x);
    disk.bar.y0 = disk.bar.y1 = tube.valve_y + moved * (tube.y - tube.valve_y);
    disks.push_back(disk);
  }
  return disks;
}

std::vector<Bar> HeartChambers::right_bars(const CrossSection& section, const HeartPhase& phase,
                                           double z_mm) const {
  std::vector<Bar> bars;
  const double along = (z_mm - phase.z_base_mm) / (shape_.length_mm - phase.z_base_mm);
  for (const auto& trabecula : trabeculae_) {
    if (along < trabecula.begin || along > trabecula.end) continue;
    // Thinner toward its ends along z.
    const double middle = (along - trabecula.begin) / (trabecula.end - trabecula.begin);
    const double angle = trabecula.angle + trabecula.slant * (middle - 0.5);
    const auto entry = [](double at) {
      return table_position(static_cast<float>(std::cos(at)), static_cast<float>(std::sin(at)));
    };
    const double outer_mm = look_up(section.rv, entry(angle));
    const double inner_angle = angle + 0.5 * trabecula.slant;
    const double epi_mm = look_up(section.epi, entry(inner_angle));
    const double inner_mm = outer_mm + trabecula.inward * (epi_mm - outer_mm);
    if (outer_mm - epi_mm < 3) continue;
    bars.push_back({outer_mm * std::cos(angle), outer_mm * std::sin(angle),
                    inner_mm * std::cos(inner_angle), inner_mm * std::sin(inner_angle),
                    trabecula.radius_mm * std::sqrt(1 - std::pow(2 * middle - 1, 2)) *
                        (1 + 0.4 * phase.contraction)});
  }
  return bars;
}

}  // namespace dmcvr
