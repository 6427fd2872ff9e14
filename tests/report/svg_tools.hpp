// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace lode::testing {

/// A strict reader of the XML that the writer makes: tags nest, attributes are quoted and come once each, `&`
/// begins an entity, nothing follows the root.
inline void expect_well_formed(const std::string& text) {
  std::vector<std::string> open;
  std::size_t at = 0, roots = 0;
  const auto fail = [&](const std::string& why) {
    ADD_FAILURE() << why << " near: " << text.substr(at < 40 ? 0 : at - 40, 120);
  };
  const auto entity = [&](std::size_t& i) {
    const std::size_t end = text.find(';', i);
    static const std::set<std::string> known = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    if (end == std::string::npos || !known.count(text.substr(i, end - i + 1))) return false;
    i = end;
    return true;
  };
  while (at < text.size()) {
    if (text[at] != '<') {
      if (text[at] == '&' && !entity(at)) return fail("a bare ampersand");
      if (text[at] == '>') return fail("a bare >");
      if (open.empty() && text[at] != '\n') return fail("text outside the root");
      ++at;
      continue;
    }
    const bool closing = text.compare(at, 2, "</") == 0;
    std::size_t i = at + (closing ? 2 : 1);
    std::string name;
    while (i < text.size() && text[i] != ' ' && text[i] != '>' && text[i] != '/') name += text[i++];
    if (name.empty()) return fail("a tag without a name");
    std::set<std::string> attributes;
    while (i < text.size() && text[i] == ' ') {
      ++i;
      std::string attribute;
      while (i < text.size() && text[i] != '=') attribute += text[i++];
      if (!attributes.insert(attribute).second) return fail("attribute " + attribute + " twice");
      if (text.compare(i, 2, "=\"") != 0) return fail("an attribute without quotes");
      for (i += 2; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '<') return fail("< in an attribute");
        if (text[i] == '&' && !entity(i)) return fail("a bare ampersand in an attribute");
      }
      ++i;
    }
    const bool empty = text.compare(i, 2, "/>") == 0;
    i += empty ? 2 : 1;
    if (text[i - 1] != '>') return fail("a tag that does not end");
    if (closing) {
      if (open.empty() || open.back() != name) return fail("closes " + name);
      open.pop_back();
    } else {
      if (open.empty() && ++roots > 1) return fail("a second root");
      if (!empty) open.push_back(name);
    }
    at = i;
  }
  if (!open.empty()) ADD_FAILURE() << open.back() << " stays open";
  EXPECT_EQ(roots, 1u);
}

/// Every url(#…) names an id of the document, and each id is there once.
inline void expect_references_defined(const std::string& text) {
  std::set<std::string> ids;
  for (std::size_t at = 0; (at = text.find(" id=\"", at)) != std::string::npos;) {
    at += 5;
    EXPECT_TRUE(ids.insert(text.substr(at, text.find('"', at) - at)).second);
  }
  for (std::size_t at = 0; (at = text.find("url(#", at)) != std::string::npos;) {
    at += 5;
    const std::string id = text.substr(at, text.find(')', at) - at);
    EXPECT_TRUE(ids.count(id)) << id;
  }
}

}  // namespace lode::testing
