//! Moments in UTC, to the millisecond, in PocketBase's text form `YYYY-MM-DD HH:mm:ss.sssZ`.

mod layout;

use std::fmt;

use layout::{LAYOUTS, Parts};

const MS_PER_DAY: i64 = 86_400_000;

/// Milliseconds since 1970-01-01 00:00 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The greatest year that the text form can hold.
    const YEAR_MAX: i64 = 9999;
    /// 0000-01-01 00:00:00
    const MIN_MS: i64 = -62_167_219_200_000;
    /// 9999-12-31 23:59:59.999
    const MAX_MS: i64 = 253_402_300_799_999;
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

    /// The moment so many milliseconds later, or earlier if there are fewer than none.
    pub const fn plus_ms(self, ms: i64) -> Self {
        Timestamp(self.0.saturating_add(ms))
    }

    /// Reads a date as clients write it, as in `2024-02-29 10:20:30.000Z`, `2024-02-29T12:20:30+02:00`,
    /// `2024-02-29` or `29 Feb 2024`. Without an offset it is UTC.
    ///
    /// Returns `None` for anything else, for dates that do not exist or lie outside the years 0 to 9999,
    /// and for the first moment of the year 1, which PocketBase takes as no date.
    pub fn parse(text: &str) -> Option<Self> {
        LAYOUTS.iter().find_map(|layout| Parts::read(layout, text).and_then(Timestamp::from_parts))
    }

    fn from_parts(parts: Parts) -> Option<Self> {
        let Parts { year, month, day, hour, minute, second, millisecond, offset_minutes } = parts;
        let exists = (1..=12).contains(&month)
            && (1..=days_of_month(year, month)).contains(&day)
            && hour <= 23
            && minute <= 59
            && second <= 59;
        let seconds = (hour * 60 + minute - offset_minutes) * 60 + second;
        let moment = days_from_civil(year, month, day) * MS_PER_DAY + seconds * 1000 + millisecond;
        let storable = (Timestamp::MIN_MS..=Timestamp::MAX_MS).contains(&moment);
        (exists && storable && moment != Timestamp::NO_DATE_MS).then_some(Timestamp(moment))
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
    fn reads_dates_in_words() {
        for (text, expected) in [
            ("29 Feb 2024", "2024-02-29 00:00:00.000Z"),
            ("01 JAN 2024", "2024-01-01 00:00:00.000Z"),
            ("Mon, 02 Jan 2006 15:04:05 -0700", "2006-01-02 22:04:05.000Z"),
            ("Tue, 02 Jan 2006 15:04:05.5 GMT", "2006-01-02 15:04:05.500Z"),
            ("Mon, 02 Jan 2006 15:04:05 CEST", "2006-01-02 15:04:05.000Z"),
            ("Mon, 02 Jan 2006 15:04:05 GMT+2", "2006-01-02 17:04:05.000Z"),
            ("Mon, 02 Jan 2006 23:04:05 GMT+2", "2006-01-03 01:04:05.000Z"),
            ("Mon, 02 Jan 2006 15:04:05 WITA", "2006-01-02 15:04:05.000Z"),
            ("Mon, 02 Jan 2006 15:04:05 +03", "2006-01-02 15:04:05.000Z"),
            ("02 Jan 06 15:04 -0700", "2006-01-02 22:04:00.000Z"),
            ("02 Jan 68 15:04 MST", "2068-01-02 15:04:00.000Z"),
            ("02 Jan 69 15:04 MST", "1969-01-02 15:04:00.000Z"),
            ("Monday, 02-Jan-06 15:04:05 MST", "2006-01-02 15:04:05.000Z"),
            ("Mon Jan  2 15:04:05 2006", "2006-01-02 15:04:05.000Z"),
            ("Mon Jan 2 15:04:05 2006", "2006-01-02 15:04:05.000Z"),
            ("Mon Jan  2 15:04:05 UTC 2006", "2006-01-02 15:04:05.000Z"),
            ("Mon Jan 02 15:04:05 -0700 2006", "2006-01-02 22:04:05.000Z"),
            ("2006-01-02 15:04:05.999999999 +0200 CEST", "2006-01-02 13:04:05.999Z"),
            ("Jan  2 15:04:05.123456", "0000-01-02 15:04:05.123Z"),
            ("3:04PM", "0000-01-01 15:04:00.000Z"),
            ("12:04AM", "0000-01-01 00:04:00.000Z"),
            ("2006-01-02  5:04:05,5Z", "2006-01-02 05:04:05.500Z"),
            ("2006-01-02T15:04:05+24:00", "2006-01-01 15:04:05.000Z"),
        ] {
            assert_eq!(
                Timestamp::parse(text).map(|date| date.to_string()).as_deref(),
                Some(expected),
                "{text}"
            );
        }
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
            "9 Feb 2024",
            "29 Feb 2023",
            "29 February 2024",
            "Mon, 2 Jan 2006 15:04:05 GMT",
            "Mon, 02 Jan 2006 15:04:05 ABCD",
            "Mon, 02 Jan 2006 15:04:05 gmt",
            "13:04PM",
            "3:04pm",
            "2006-01-02T15:04:05 -0700",
            "2006-01-02T15:04:05.Z",
            "2006-01-02T15:04:05+25:00",
            "2006-01-02 15:04:05 +0200 +0200",
            "9999-12-31T23:59:59-05:00",
            "0000-01-01T00:00:00+05:00",
            "äääääääääääääää",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }
}
