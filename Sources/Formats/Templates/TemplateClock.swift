/// A moment in local time, for templates that write the date.
package struct TemplateClock: Sendable, Equatable {
  /// Seconds since 1970-01-01 00:00:00 of the local time, as if it were UTC.
  let seconds: Int

  /// - Parameter seconds: Seconds since 1970, plus the time zone's offset; a year outside of 1...9999 is brought into it.
  package init(localSeconds seconds: Int) {
    self.seconds = max(-62_135_596_800, min(253_402_300_799, seconds))
  }

  /// Year, month from 1 and day from 1 of the proleptic Gregorian calendar.
  var date: (year: Int, month: Int, day: Int) {
    // Counted from 0000-03-01, so that a leap day ends its year (Hinnant, chrono-compatible low-level date algorithms).
    let days = dayNumber + 719_468
    let era = days / 146_097
    let dayOfEra = days % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    let year = yearOfEra + era * 400 + (month < 10 ? 0 : 1)
    return (year, month < 10 ? month + 3 : month - 9, dayOfYear - (153 * month + 2) / 5 + 1)
  }

  /// Days since 1970-01-01.
  private var dayNumber: Int { seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400 }

  var secondOfDay: Int { seconds - dayNumber * 86_400 }

  /// 0 is Sunday.
  var weekday: Int { ((dayNumber + 4) % 7 + 7) % 7 }

  /// 1 is the first of January.
  var dayOfYear: Int {
    let (year, month, day) = date
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
    return before[month - 1] + day + (isLeap && month > 2 ? 1 : 0)
  }
}
