// SPDX-License-Identifier: Apache-2.0
#include "lode/api/messages.hpp"

namespace lode {

std::vector<Message> messages_of(const Diagnostics& diagnostics) {
  std::vector<Message> result;
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    Message message;
    message.severity = static_cast<Message::Severity>(diagnostic.severity);
    message.code = diagnostic.code;
    message.text = diagnostic.message;
    message.why = diagnostic.why;
    message.help = diagnostic.help;
    if (!diagnostic.labels.empty() && diagnostic.labels.front().where) {
      const Location& where = diagnostic.labels.front().where;
      message.file = where.file->path();
      message.line = where.line();
      message.column = where.column();
    }
    result.push_back(std::move(message));
  }
  return result;
}

}  // namespace lode
