/// `strftime` in the C locale.
struct DateFormat {
  let meter: Meter
  let clock: TemplateClock

  private static let days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
  ]

  /// The moment as `format` says it. What stands for a part of the date counts as the template's.
  func text(_ format: MarkedString) throws(TemplateError) -> MarkedString {
    try meter.make(12 * format.count)
    var result = MarkedString()
    var offset = 0
    while offset < format.count {
      guard format.bytes[offset] == UInt8(ascii: "%"), offset + 1 < format.count else {
        result.append(format, offset..<offset + 1)
        offset += 1
        continue
      }
      offset += 1
      let isShort = format.bytes[offset] == UInt8(ascii: "-") && offset + 1 < format.count
      if isShort { offset += 1 }
      let part = try part(format.bytes[offset], isShort: isShort)
      result.append(part.utf8, byTemplate: format.isTemplate(offset))
      offset += 1
    }
    return result
  }

  private func part(_ code: UInt8, isShort: Bool) throws(TemplateError) -> String {
    let code = Unicode.Scalar(code)
    guard let part = number(code, isShort: isShort) ?? name(code) ?? several(code, isShort: isShort) else {
      throw .unsupported(line: meter.line, kind: .format, name: "%\(code)")
    }
    return part
  }

  /// Parts that are one number, which `%-` leaves without zeros or spaces in front.
  private func number(_ code: Unicode.Scalar, isShort: Bool) -> String? {
    func padded(_ value: Int, _ width: Int = 2, _ fill: String = "0") -> String {
      let digits = String(value)
      return isShort ? digits : String(repeating: fill, count: max(0, width - digits.count)) + digits
    }
    let (year, month, day) = clock.date
    let (hour, minute) = (clock.secondOfDay / 3600, clock.secondOfDay / 60 % 60)
    return switch code {
    case "Y": String(year)
    case "y": padded(year % 100)
    case "m": padded(month)
    case "d": padded(day)
    case "e": padded(day, 2, " ")
    case "H": padded(hour)
    case "I": padded((hour + 11) % 12 + 1)
    case "M": padded(minute)
    case "S": padded(clock.secondOfDay % 60)
    case "j": padded(clock.dayOfYear, 3)
    case "w": String(clock.weekday)
    case "u": String((clock.weekday + 6) % 7 + 1)
    default: nil
    }
  }

  /// Parts that are words, or the same at every moment: the clock knows no fractions and no time zone.
  private func name(_ code: Unicode.Scalar) -> String? {
    let (day, month) = (Self.days[clock.weekday], Self.months[clock.date.month - 1])
    return switch code {
    case "p": clock.secondOfDay / 3600 < 12 ? "AM" : "PM"
    case "A": day
    case "a": String(day.prefix(3))
    case "B": month
    case "b", "h": String(month.prefix(3))
    case "f": "000000"
    case "Z", "z": ""
    case "n": "\n"
    case "t": "\t"
    case "%": "%"
    default: nil
    }
  }

  /// Parts that stand for several.
  private func several(_ code: Unicode.Scalar, isShort: Bool) -> String? {
    let (codes, separator): ([Unicode.Scalar], String)
    switch code {
    case "F": (codes, separator) = (["Y", "m", "d"], "-")
    case "T": (codes, separator) = (["H", "M", "S"], ":")
    case "R": (codes, separator) = (["H", "M"], ":")
    default: return nil
    }
    return codes.compactMap { number($0, isShort: isShort) }.joined(separator: separator)
  }
}
