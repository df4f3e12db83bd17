/// `strftime` in the C locale.
struct DateFormat {
  let meter: Meter
  let clock: TemplateClock

  private static let days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November",
    "December",
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
    let (year, month, day) = clock.date
    let (hour, minute, second) = (
      clock.secondOfDay / 3600, clock.secondOfDay / 60 % 60, clock.secondOfDay % 60
    )
    func padded(_ value: Int, _ width: Int = 2, _ fill: String = "0") -> String {
      let digits = String(value)
      return isShort ? digits : String(repeating: fill, count: max(0, width - digits.count)) + digits
    }
    switch Unicode.Scalar(code) {
    case "Y": return String(year)
    case "y": return padded(year % 100)
    case "m": return padded(month)
    case "d": return padded(day)
    case "e": return padded(day, 2, " ")
    case "H": return padded(hour)
    case "I": return padded((hour + 11) % 12 + 1)
    case "M": return padded(minute)
    case "S": return padded(second)
    case "j": return padded(clock.dayOfYear, 3)
    case "p": return hour < 12 ? "AM" : "PM"
    case "w": return String(clock.weekday)
    case "u": return String((clock.weekday + 6) % 7 + 1)
    case "A": return Self.days[clock.weekday]
    case "a": return String(Self.days[clock.weekday].prefix(3))
    case "B": return Self.months[month - 1]
    case "b", "h": return String(Self.months[month - 1].prefix(3))
    case "F": return "\(year)-\(padded(month))-\(padded(day))"
    case "T": return "\(padded(hour)):\(padded(minute)):\(padded(second))"
    case "R": return "\(padded(hour)):\(padded(minute))"
    case "f": return "000000"
    case "Z", "z": return ""
    case "n": return "\n"
    case "t": return "\t"
    case "%": return "%"
    default:
      throw .unsupported(line: meter.line, kind: .format, name: "%\(Unicode.Scalar(code))")
    }
  }
}
