// SPDX-License-Identifier: Apache-2.0
//
// Loops with answers found by hand.
#include <fmt/format.h>

#include "case_tools.hpp"
#include "identities.hpp"
#include "lode/kernels/cohort.hpp"

namespace lode::testing {
namespace {

const Operation* find_kind(const std::vector<Operation>& operations, Operation::Kind kind) {
  for (const Operation& operation : operations) {
    if (operation.kind == kind) return &operation;
    if (const Operation* inner = find_kind(operation.body, kind)) return inner;
  }
  return nullptr;
}

void expect_sound(const Session& session) {
  const auto found = violations(session);
  EXPECT_TRUE(found.empty()) << fmt::format("{}", fmt::join(found, "\n"));
}

// Ore b feeds a smelter of yield y; of what is made a share r is scrap that goes back into the smelter.
// smelted s = b + r y s, so s = b / (1 − r y).
TEST(AffineLoop, OfRecyclingWithAYield) {
  const CaseFolder folder(R"(lode: 1
title: Recycling
time: {first: 2000, last: 2003}
defaults: {over: [time]}
parameters:
  ore_output: {value: 100 t/yr}
  yield: {value: 90 %}
  scrap_share: {value: 20 %}
processes:
  mine: {outside: true}
  users: {outside: true}
  smelter: {transfer: {metal: yield, slag: rest}}
  maker: {transfer: {scrap: scrap_share, goods: rest}}
  dump: {outside: true}
flows:
  ore: {from: mine, to: smelter}
  metal: {from: smelter, to: maker}
  slag: {from: smelter, to: dump}
  scrap: {from: maker, to: smelter}
  goods: {from: maker, to: users}
equations:
  ore: ore_output
)");
  const Session session = folder.computed();
  ASSERT_TRUE(session.computed());
  const Operation* solve = find_kind(session.plan->operations, Operation::Kind::solve);
  ASSERT_TRUE(solve);
  EXPECT_TRUE(solve->affine);
  EXPECT_TRUE(solve->whole_window) << "no lag: all years at once";
  const double smelted = 100 / (1 - 0.2 * 0.9);
  for (const int year : {2000, 2003}) {
    EXPECT_NEAR(value_of(session, "metal", year), 0.9 * smelted, 1e-12 * smelted);
    EXPECT_NEAR(value_of(session, "scrap", year), 0.18 * smelted, 1e-12 * smelted);
    EXPECT_NEAR(value_of(session, "slag", year), 0.1 * smelted, 1e-12 * smelted);
    EXPECT_NEAR(value_of(session, "goods", year), 0.8 * 0.9 * smelted, 1e-12 * smelted);
  }
  expect_sound(session);
}

// Two rings that share a quantity: x = 1 + y/2 + z/4, y = x/3, z = x/5 + y.
// x = 1 + x/6 + x/20 + x/12 = 1 + 0.3 x, so x = 1/0.7.
TEST(AffineLoop, OfTwoRings) {
  const CaseFolder folder(R"(lode: 1
title: Rings
time: 2000
equations:
  x: {over: [time], unit: 1, equals: 1 + y / 2 + z / 4}
  y: {over: [time], unit: 1, equals: x / 3}
  z: x / 5 + y
)");
  const Session session = folder.computed();
  ASSERT_TRUE(session.computed());
  EXPECT_NEAR(value_of(session, "x", 2000), 1 / 0.7, 1e-14);
  EXPECT_NEAR(value_of(session, "y", 2000), 1 / 2.1, 1e-14);
  EXPECT_NEAR(value_of(session, "z", 2000), 1 / 3.5 + 1 / 2.1, 1e-14);
}

TEST(AffineLoop, OfLabelsThatMix) {
  // Each label takes half of the others' sum: x_i = b_i + (Σx − x_i)/4; with S = Σx: 5/4 x_i = b_i + S/4, S =
  // 2 B of three labels.
  const CaseFolder folder(
      {{"model.yaml", R"(lode: 1
title: Mixing
time: {first: 2000, last: 2001}
dimensions: {product: [a, b, c]}
parameters:
  base: {over: [time, product], unit: t/yr, table: data/base.csv}
equations:
  x:
    over: [time, product]
    unit: t/yr
    equals: base + (repeat(sum(x over product) over product) - x) / 4
)"},
       {"data/base.csv",
        "time,product,value\n2000,a,1\n2000,b,2\n2000,c,6\n2001,a,10\n2001,b,0\n2001,c,0\n"}});
  const Session session = folder.computed();
  ASSERT_TRUE(session.computed());
  const auto expect = [&](int year, const char* label, double base, double total) {
    const double sum = 2 * total;
    EXPECT_NEAR(value_of(session, "x", year, {label}), (base + sum / 4) * 4 / 5, 1e-12 * sum)
        << year << label;
  };
  expect(2000, "a", 1, 9);
  expect(2000, "b", 2, 9);
  expect(2000, "c", 6, 9);
  expect(2001, "a", 10, 10);
  expect(2001, "b", 0, 10);
}

TEST(AffineLoop, OfParallelLabelsIsSolvedLabelByLabel) {
  // Label b's loop is singular, a's is not: the message names b only, and a has its value.
  const auto text = [](const char* gain_b) {
    return Files{{"model.yaml", R"(lode: 1
title: Parallel
time: {first: 2000, last: 2001}
dimensions: {product: [a, b]}
parameters:
  base: {over: [product], unit: 1, value: 3}
  gain: {over: [product], unit: 1, table: data/gain.csv}
equations:
  x: {over: [time, product], unit: 1, equals: base + gain * y}
  y: {over: [time, product], unit: 1, equals: x / 2}
)"},
                 {"data/gain.csv", std::string("product,value\na,0.5\nb,") + gain_b + "\n"}};
  };
  const CaseFolder good(text("1"));
  const Session session = good.computed();
  EXPECT_NEAR(value_of(session, "x", 2000, {"a"}), 4, 1e-14);
  EXPECT_NEAR(value_of(session, "x", 2001, {"b"}), 6, 1e-14);
  const CaseFolder bad(text("2"));
  Session broken = bad.open();
  ASSERT_TRUE(broken.planned()) << render(broken.diagnostics);
  EXPECT_FALSE(compute(broken));
  const std::string said = render(broken.diagnostics);
  EXPECT_NE(said.find("[2000, b]"), std::string::npos) << said;
  EXPECT_EQ(said.find(", a]"), std::string::npos) << said;
  EXPECT_NEAR(value_of(broken, "x", 2000, {"a"}), 4, 1e-14);
}

TEST(AffineLoop, ThatIsSingularNamesItsMembers) {
  const CaseFolder folder(R"(lode: 1
title: Nothing leaves
time: 2000
defaults: {over: [time]}
parameters: {ore_output: 100 t/yr, all: 100 %}
processes:
  mine: {outside: true}
  users: {outside: true}
  smelter: {transfer: {metal: all}}
  maker: {transfer: {scrap: all, goods: rest}}
flows:
  ore: {from: mine, to: smelter}
  metal: {from: smelter, to: maker}
  scrap: {from: maker, to: smelter}
  goods: {from: maker, to: users}
equations:
  ore: ore_output
)");
  Session session = folder.open();
  ASSERT_TRUE(session.planned()) << render(session.diagnostics);
  EXPECT_FALSE(compute(session));
  const std::string said = render(session.diagnostics);
  EXPECT_NE(said.find("error: the loop of "), std::string::npos) << said;
  for (const char* member : {"`metal`", "`scrap`", "model.yaml:"})
    EXPECT_NE(said.find(member), std::string::npos) << said;
  EXPECT_EQ(said.find("`ore`"), std::string::npos) << said;
  EXPECT_NE(said.find("has no single solution at [2000]"), std::string::npos) << said;
}

TEST(AffineLoop, HoldsWithLargeAndSmallNumbers) {
  for (const char* base : {"1e-9", "1", "1e12", "0"}) {
    const CaseFolder folder(fmt::format(R"(lode: 1
title: Sizes
time: 2000
equations:
  x: {{over: [time], unit: 1, equals: {} + y * 0.999}}
  y: {{over: [time], unit: 1, equals: x * 0.999}}
)",
                                        base));
    const Session session = folder.computed();
    ASSERT_TRUE(session.computed());
    const double expected = std::strtod(base, nullptr) / (1 - 0.999 * 0.999);
    EXPECT_NEAR(value_of(session, "x", 2000), expected, 1e-11 * expected) << base;
  }
}

// x(t) = b + x(t−1)/2 + y(t)/4, y(t) = x(t)/2: x(t) (1 − 1/8) = b + x(t−1)/2.
TEST(Scan, HoldsASolveWhereALoopHasALagAndAPartInTheYear) {
  const CaseFolder folder(R"(lode: 1
title: Lag and loop
time: {first: 2000, last: 2010}
equations:
  x: {over: [time], unit: 1, equals: '1 + prev(x, first = 8) / 2 + y / 4'}
  y: {over: [time], unit: 1, equals: x / 2}
)");
  const Session session = folder.computed();
  ASSERT_TRUE(session.computed());
  const Operation* scan = find_kind(session.plan->operations, Operation::Kind::scan);
  ASSERT_TRUE(scan);
  const Operation* solve = find_kind(scan->body, Operation::Kind::solve);
  ASSERT_TRUE(solve);
  EXPECT_TRUE(solve->affine);
  EXPECT_FALSE(solve->whole_window);
  double x = 8;
  for (int year = 2000; year <= 2010; ++year) {
    x = (1 + x / 2) / 0.875;
    EXPECT_NEAR(value_of(session, "x", year), x, 1e-13 * x) << year;
    EXPECT_NEAR(value_of(session, "y", year), x / 2, 1e-13 * x) << year;
  }
}

TEST(NewtonLoop, FindsKnownRoots) {
  // x = sqrt(2 + y), y = x: x = 2.  u = exp(-v), v = u: the omega constant.  w = (w² + 3)/4, start 1: the
  // root 1.
  const CaseFolder folder(R"(lode: 1
title: Roots
time: {first: 2000, last: 2001}
equations:
  x: {over: [time], unit: 1, equals: sqrt(2 + y)}
  y: {over: [time], unit: 1, equals: x * 1}
  u: {over: [time], unit: 1, equals: exp(-v)}
  v: {over: [time], unit: 1, equals: u + 0}
  w: {over: [time], unit: 1, equals: (p ^ 2 + 5) / 6}
  p: {over: [time], unit: 1, equals: w * 1}
)");
  const Session session = folder.computed();
  ASSERT_TRUE(session.computed());
  const Operation* solve = find_kind(session.plan->operations, Operation::Kind::solve);
  ASSERT_TRUE(solve);
  EXPECT_FALSE(solve->affine);
  for (const int year : {2000, 2001}) {
    EXPECT_NEAR(value_of(session, "x", year), 2, 1e-11);
    EXPECT_NEAR(value_of(session, "y", year), 2, 1e-11);
    EXPECT_NEAR(value_of(session, "u", year), 0.56714329040978387, 1e-11);
    EXPECT_NEAR(value_of(session, "w", year), 1, 1e-10);
  }
}

TEST(NewtonLoop, WithoutARootIsReportedWithItsMembers) {
  const CaseFolder folder(R"(lode: 1
title: No root
time: 2000
equations:
  x: {over: [time], unit: 1, equals: y ^ 2 + 1}
  y: {over: [time], unit: 1, equals: x * 1}
)");
  Session session = folder.open();
  ASSERT_TRUE(session.planned()) << render(session.diagnostics);
  EXPECT_FALSE(compute(session));
  const std::string said = render(session.diagnostics);
  EXPECT_NE(said.find("`x`"), std::string::npos) << said;
  EXPECT_NE(said.find("`y`"), std::string::npos) << said;
  EXPECT_NE(said.find("at [2000]"), std::string::npos) << said;
  EXPECT_NE(said.find("model.yaml:5"), std::string::npos) << said;
}

// Goods are made of ore and of what was recycled from goods that leave use in the year they entered:
// m(t) = b + r (L0 m(t) + Σ_{c<t} m(c) D(c,t)), with L0 the loss of the first year.
TEST(CohortLoop, GoesThroughTheFirstYearsLoss) {
  const CaseFolder folder(R"(lode: 1
title: Recycling of what leaves at once
time: {first: 2000, last: 2020}
defaults: {over: [time]}
parameters: {ore_output: 50 t/yr, life: 3 yr, recovery: 80 %}
processes:
  mine: {outside: true}
  dump: {outside: true}
  market: {}
  use: {}
  waste: {transfer: {recycled: recovery, lost: rest}}
flows:
  ore: {from: mine, to: market}
  made: {from: market, to: use}
  scrap: {from: use, to: waste}
  recycled: {from: waste, to: market}
  lost: {from: waste, to: dump}
stocks:
  in_use: {process: use, inflow: made, outflow: scrap, lifetime: {weibull: {mean: life, shape: 1.3}}}
equations:
  ore: ore_output
  made: residual(market)
)");
  const Session session = folder.computed();
  ASSERT_TRUE(session.computed());
  const Operation* scan = find_kind(session.plan->operations, Operation::Kind::scan);
  ASSERT_TRUE(scan);
  EXPECT_TRUE(find_kind(scan->body, Operation::Kind::solve));
  EXPECT_TRUE(find_kind(scan->body, Operation::Kind::cohort));
  const double scale = 3 / std::tgamma(1 + 1 / 1.3);
  const auto survival = [&](double age) { return age <= 0 ? 1.0 : std::exp(-std::pow(age / scale, 1.3)); };
  std::vector<double> made;
  for (int t = 0; t <= 20; ++t) {
    double old = 0;
    for (int c = 0; c < t; ++c) old += made[c] * (survival(t - c - 0.5) - survival(t - c + 0.5));
    made.push_back((50 + 0.8 * old) / (1 - 0.8 * (1 - survival(0.5))));
    EXPECT_NEAR(value_of(session, "made", 2000 + t), made.back(), 1e-11 * made.back()) << t;
  }
  expect_sound(session);
}

// A stock that follows what it itself makes: K* = k (primary + recycled), with primary what the inflow leaves
// over.
TEST(CohortLoop, HoldsAGivenStockInALoop) {
  const CaseFolder folder(R"(lode: 1
title: A stock of what comes back
time: {first: 2000, last: 2015}
defaults: {over: [time]}
parameters: {target: 100 t, gain: 2 yr, recovery: 50 %, life: 6 yr, spread: 2 yr}
processes:
  mine: {outside: true}
  dump: {outside: true}
  market: {}
  use: {}
  waste: {transfer: {recycled: recovery, lost: rest}}
flows:
  ore: {from: mine, to: market, signed: true}
  made: {from: market, to: use}
  scrap: {from: use, to: waste}
  recycled: {from: waste, to: market}
  lost: {from: waste, to: dump}
stocks:
  in_use:
    process: use
    inflow: made
    outflow: scrap
    lifetime: {normal: {mean: life, sd: spread}}
    negative_inflow: allow
    stock: target + gain * recycled
equations:
  made: in_use.inflow
  ore: residual(market)
)");
  const Session session = folder.computed();
  ASSERT_TRUE(session.computed());
  ASSERT_TRUE(find_kind(session.plan->operations, Operation::Kind::solve));
  for (int year = 2000; year <= 2015; ++year)
    EXPECT_NEAR(value_of(session, "in_use.stock", year), 100 + 2 * value_of(session, "recycled", year), 1e-10)
        << year;
  EXPECT_GT(value_of(session, "recycled", 2015), 1);
  expect_sound(session);
}

TEST(Order, IsByConditionSoThatWhatTurnsRoundIsNoLoop) {
  const CaseFolder folder(R"(lode: 1
title: Turning round
time: {first: 2000, last: 2005}
when: {early: time <= 2002, late: time > 2002}
parameters: {one_year: 1 yr}
equations:
  x:
    over: [time]
    unit: 1
    equals:
      early: y * 2
      late: (time - 2000) / one_year
  y:
    early: 1 + (time - 2000) / one_year
    late: x * 3
)");
  const Session session = folder.computed();
  ASSERT_TRUE(session.computed());
  EXPECT_FALSE(find_kind(session.plan->operations, Operation::Kind::solve));
  EXPECT_FALSE(find_kind(session.plan->operations, Operation::Kind::scan));
  EXPECT_EQ(value_of(session, "x", 2001), 4);
  EXPECT_EQ(value_of(session, "y", 2005), 15);
}

TEST(Order, HasALoopOnlyWhereTheConditionsMakeOne) {
  const CaseFolder folder(R"(lode: 1
title: Partly a loop
time: {first: 2000, last: 2005}
dimensions: {product: [a, b]}
when: {early: time <= 2002, late_a: time > 2002 and product = a, late_b: time > 2002 and product = b}
equations:
  x:
    over: [time, product]
    unit: 1
    equals:
      early: 5
      late_a: 1 + y / 2
      late_b: 7
  y:
    over: [time, product]
    unit: 1
    equals: x / 2
)");
  const Session session = folder.computed();
  ASSERT_TRUE(session.computed());
  EXPECT_NEAR(value_of(session, "x", 2001, {"a"}), 5, 0);
  EXPECT_NEAR(value_of(session, "y", 2001, {"b"}), 2.5, 0);
  EXPECT_NEAR(value_of(session, "x", 2004, {"a"}), 4.0 / 3, 1e-14);
  EXPECT_NEAR(value_of(session, "y", 2004, {"a"}), 2.0 / 3, 1e-14);
  EXPECT_NEAR(value_of(session, "x", 2004, {"b"}), 7, 0);
  EXPECT_NEAR(value_of(session, "y", 2004, {"b"}), 3.5, 0);
  expect_sound(session);
}

TEST(Order, RefusesALoopThatReadsItsOwnFuture) {
  const CaseFolder folder(R"(lode: 1
title: Future
time: {first: 2000, last: 2005}
equations:
  x: {over: [time], unit: 1/yr, equals: 'y + 1'}
  y: {over: [time], unit: 1/yr, equals: 'total(x) / 100'}
)");
  const Session session = folder.open();
  EXPECT_FALSE(session.planned());
}

// The order in which things are declared is no information.
TEST(Order, OfDeclarationDoesNotMatter) {
  const std::vector<std::string> sections{
      "dimensions: {product: [a, b]}\n",
      "parameters:\n  ore_output: {value: 50 t/yr}\n  life: {over: [product], unit: yr, value: 4}\n  "
      "recovery: {value: 60 %}\n  waste_share: {value: 10 %}\n",
      "processes:\n  mine: {outside: true}\n  dump: {outside: true}\n  market: {}\n  fab: {transfer: {made: "
      "rest, chips: waste_share}}\n  use: {}\n"
      "  waste: {transfer: {recycled: recovery, lost: rest}}\n",
      "flows:\n  ore: {from: mine, to: market}\n  bought: {from: market, to: fab}\n  made: {from: fab, to: "
      "use}\n  chips: {from: fab, to: market}\n"
      "  scrap: {from: use, to: waste}\n  recycled: {from: waste, to: market}\n  lost: {from: waste, to: "
      "dump}\n",
      "stocks:\n  in_use: {process: use, inflow: made, outflow: scrap, lifetime: {weibull: {mean: life, "
      "shape: 1.5}}}\n",
      "equations:\n  ore: repeat(ore_output over product)\n  bought: residual(market)\n  ratio: recycled / "
      "ore\n  all: sum(scrap over product)\n"};
  const std::string head =
      "lode: 1\ntitle: Shuffled\ntime: {first: 2000, last: 2012}\ndefaults: {over: [time, product], flow: "
      "t/yr, stock: t}\n";
  std::optional<Session> first;
  std::vector<std::size_t> order(sections.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const CaseFolder* kept = nullptr;
  std::vector<std::unique_ptr<CaseFolder>> folders;
  for (int round = 0; round < 12; ++round) {
    std::string text = head;
    for (const std::size_t i : order) {
      // Entries are turned round as well in every second round.
      const std::string& section = sections[i];
      if (round % 2 == 0 || section.find("\n  ") == std::string::npos) {
        text += section;
        continue;
      }
      std::vector<std::string> lines;
      std::stringstream stream(section);
      std::string line;
      std::getline(stream, line);
      text += line + "\n";
      while (std::getline(stream, line)) lines.push_back(line);
      for (auto it = lines.rbegin(); it != lines.rend(); ++it) text += *it + "\n";
    }
    folders.push_back(std::make_unique<CaseFolder>(text));
    kept = folders.back().get();
    Session session = kept->computed();
    expect_sound(session);
    ASSERT_TRUE(session.computed());
    if (!first) {
      first = std::move(session);
    } else {
      for (const Quantity& quantity : first->bound->quantities) {
        const auto other = session.bound->find_quantity(quantity.name);
        ASSERT_TRUE(other) << quantity.name;
        const Array& a = first->evaluation->quantity(*first->bound->find_quantity(quantity.name));
        const Array& b = session.evaluation->quantity(*other);
        ASSERT_EQ(a.size(), b.size());
        const bool rounding = quantity.kind == Quantity::Kind::balance;
        for (std::size_t i = 0; i < a.size(); ++i)
          EXPECT_TRUE(close(a.data()[i], b.data()[i], 1e-13, rounding ? 100 : 0))
              << quantity.name << " " << a.data()[i] << " " << b.data()[i];
      }
    }
    std::next_permutation(order.begin(), order.end());
    std::rotate(order.begin(), order.begin() + 2, order.end());
  }
}

}  // namespace
}  // namespace lode::testing
