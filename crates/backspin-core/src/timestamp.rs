//! Moments in UTC, to the millisecond, in PocketBase's text form `YYYY-MM-DD HH:mm:ss.sssZ`.

use std::fmt;

const MS_PER_DAY: i64 = 86_400_000;

/// Milliseconds since 1970-01-01 00:00 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The greatest year that the text form can hold.
    const YEAR_MAX: i64 = 9999;
    /// 0001-01-01 00:00:00
    const NO_DATE_MS: i64 = -62_135_596_800_000;

    pub const fn from_unix_ms(ms: i64) -> Self {
        Timestamp(ms)
    }

    pub const fn unix_ms(self) -> i64 {
        self.0
    }

    pub const fn unix_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Reads a date as clients write it: `YYYY-MM-DD`, then optionally `T` or a space and `HH:mm:ss`,
    /// a fraction, and `Z` or an offset such as `+02:00`. Without an offset it is UTC.
    ///
    /// Returns `None` for anything else, for dates that do not exist, and for the first moment of the
    /// year 1, which PocketBase takes as no date.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = Cursor(text);
        let (year, month, day) =
            (rest.digits(4)?, rest.after(b'-')?.digits(2)?, rest.after(b'-')?.digits(2)?);
        if !(1..=12).contains(&month) || !(1..=days_of_month(year, month)).contains(&day) {
            return None;
        }
        let day_ms = days_from_civil(year, month, day) * MS_PER_DAY;
        if rest.0.is_empty() {
            return Some(Timestamp(day_ms));
        }
        if rest.after(b'T').is_none() {
            rest.after(b' ')?;
        }
        let hour = rest.digits(2)?;
        let (minute, second) = (rest.after(b':')?.digits(2)?, rest.after(b':')?.digits(2)?);
        let fraction_ms = if rest.after(b'.').is_some() { rest.fraction_ms()? } else { 0 };
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let offset_ms = rest.offset_ms()?;
        let moment = day_ms + ((hour * 60 + minute) * 60 + second) * 1000 + fraction_ms - offset_ms;
        (moment != Timestamp::NO_DATE_MS).then_some(Timestamp(moment))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.0.div_euclid(MS_PER_DAY));
        let ms = self.0.rem_euclid(MS_PER_DAY);
        let (hour, minute, second) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
        let year = year.clamp(0, Timestamp::YEAR_MAX);
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{:03}Z", ms % 1000)
    }
}

/// What is left to read of a date.
struct Cursor<'a>(&'a str);

impl Cursor<'_> {
    fn after(&mut self, byte: u8) -> Option<&mut Self> {
        self.0 = self.0.strip_prefix(char::from(byte))?;
        Some(self)
    }

    fn digits(&mut self, count: usize) -> Option<i64> {
        let head = self.0.get(..count).filter(|head| head.bytes().all(|byte| byte.is_ascii_digit()))?;
        self.0 = &self.0[count..];
        head.parse().ok()
    }

    /// One to nine digits after the point; what is finer than a millisecond is cut off.
    fn fraction_ms(&mut self) -> Option<i64> {
        let count = self.0.bytes().take_while(u8::is_ascii_digit).count();
        if !(1..=9).contains(&count) {
            return None;
        }
        let digits = self.digits(count)?;
        let nanoseconds = digits * 10_i64.pow(9 - count as u32);
        Some(nanoseconds / 1_000_000)
    }

    fn offset_ms(&mut self) -> Option<i64> {
        if self.0.is_empty() || self.0 == "Z" {
            return Some(0);
        }
        self.0 = self.0.strip_prefix(' ').unwrap_or(self.0);
        let sign = match self.0.as_bytes().first()? {
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        self.0 = &self.0[1..];
        let hours = self.digits(2)?;
        let _ = self.after(b':');
        let minutes = self.digits(2)?;
        (self.0.is_empty() && hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes) * 60_000)
    }
}

fn days_of_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date in the Gregorian calendar. Years are counted from March, so that
/// the leap day comes last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_pocketbase_does() {
        assert_eq!(Timestamp(0).to_string(), "1970-01-01 00:00:00.000Z");
        assert_eq!(Timestamp(1_795_419_726_123).to_string(), "2026-11-23 07:42:06.123Z");
        assert_eq!(Timestamp(-1).to_string(), "1969-12-31 23:59:59.999Z");
    }

    #[test]
    fn reads_what_it_prints_on_every_day_of_four_centuries() {
        for day in -146_097..146_097 {
            let moment = Timestamp(day * MS_PER_DAY + day.rem_euclid(86_400) * 1000 + day.rem_euclid(1000));
            assert_eq!(Timestamp::parse(&moment.to_string()), Some(moment));
        }
    }

    #[test]
    fn reads_the_forms_that_clients_write() {
        let expected = Timestamp::parse("2024-02-29 10:20:30.000Z");
        assert!(expected.is_some());
        for text in [
            "2024-02-29T10:20:30Z",
            "2024-02-29 10:20:30",
            "2024-02-29T12:20:30+02:00",
            "2024-02-29 12:20:30 +0200",
            "2024-02-29T05:20:30.000999999-0500",
        ] {
            assert_eq!(Timestamp::parse(text), expected, "{text}");
        }
        assert_eq!(Timestamp::parse("2024-02-29"), Timestamp::parse("2024-02-29 00:00:00.000Z"));
    }

    #[test]
    fn refuses_what_is_no_date() {
        for text in [
            "",
            "2024",
            "24-1-1",
            " 2024-01-01",
            "2024-01-01x",
            "2024-01-01Z",
            "2023-02-29",
            "2024-13-01",
            "2024-01-01 10:20",
            "2024-01-01 24:00:00",
            "0001-01-01 00:00:00Z",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }
}
