//! The macros that stand for moments: `@now`, `@todayStart`, …, all in UTC.

use backspin_core::{Timestamp, Value};

const DAY_MS: i64 = 86_400_000;

/// A macro of the filter language that depends on the time of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    Now,
    Yesterday,
    Tomorrow,
    Second,
    Minute,
    Hour,
    Day,
    Weekday,
    Month,
    Year,
    TodayStart,
    TodayEnd,
    MonthStart,
    MonthEnd,
    YearStart,
    YearEnd,
}

impl Clock {
    /// The macro of this name, with its `@`.
    pub(crate) fn find(name: &str) -> Option<Self> {
        Some(match name {
            "@now" => Self::Now,
            "@yesterday" => Self::Yesterday,
            "@tomorrow" => Self::Tomorrow,
            "@second" => Self::Second,
            "@minute" => Self::Minute,
            "@hour" => Self::Hour,
            "@day" => Self::Day,
            "@weekday" => Self::Weekday,
            "@month" => Self::Month,
            "@year" => Self::Year,
            "@todayStart" => Self::TodayStart,
            "@todayEnd" => Self::TodayEnd,
            "@monthStart" => Self::MonthStart,
            "@monthEnd" => Self::MonthEnd,
            "@yearStart" => Self::YearStart,
            "@yearEnd" => Self::YearEnd,
            _ => return None,
        })
    }

    /// Its value at `now`: a date as text, or a number (weekdays count from Sunday, which is 0).
    pub fn at(self, now: Timestamp) -> Value {
        let text = now.to_string();
        let part = |range: std::ops::Range<usize>| {
            text.get(range).and_then(|digits| digits.parse::<i64>().ok()).unwrap_or_default()
        };
        let (year, month) = (part(0..4), part(5..7));
        let moved = |ms: i64| Value::Text(Timestamp::from_unix_ms(now.unix_ms() + ms).to_string());
        let start_of_day = |date: &str| Value::Text(format!("{date} 00:00:00.000Z"));
        let end_of_day = |date: &str| Value::Text(format!("{date} 23:59:59.999Z"));
        match self {
            Self::Now => Value::Text(text),
            Self::Yesterday => moved(-DAY_MS),
            Self::Tomorrow => moved(DAY_MS),
            Self::Second => Value::Integer(part(17..19)),
            Self::Minute => Value::Integer(part(14..16)),
            Self::Hour => Value::Integer(part(11..13)),
            Self::Day => Value::Integer(part(8..10)),
            // 1970-01-01 was a Thursday.
            Self::Weekday => Value::Integer((now.unix_ms().div_euclid(DAY_MS) + 4).rem_euclid(7)),
            Self::Month => Value::Integer(month),
            Self::Year => Value::Integer(year),
            Self::TodayStart => start_of_day(&text[..10]),
            Self::TodayEnd => end_of_day(&text[..10]),
            Self::MonthStart => start_of_day(&format!("{}-01", &text[..7])),
            Self::MonthEnd => end_of_day(&format!("{}-{:02}", &text[..7], days_of_month(year, month))),
            Self::YearStart => start_of_day(&format!("{}-01-01", &text[..4])),
            Self::YearEnd => end_of_day(&format!("{}-12-31", &text[..4])),
        }
    }
}

fn days_of_month(year: i64, month: i64) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn macros_follow_the_calendar() {
        let at = |name: &str, now: &str| {
            let now = Timestamp::parse(now).expect("a date");
            Clock::find(name).expect("a macro").at(now)
        };
        let sunday = "2026-11-22 07:57:53.777Z";
        for (name, value) in [
            ("@now", "2026-11-22 07:57:53.777Z"),
            ("@yesterday", "2026-11-21 07:57:53.777Z"),
            ("@tomorrow", "2026-11-23 07:57:53.777Z"),
            ("@todayStart", "2026-11-22 00:00:00.000Z"),
            ("@todayEnd", "2026-11-22 23:59:59.999Z"),
            ("@monthStart", "2026-11-01 00:00:00.000Z"),
            ("@monthEnd", "2026-11-30 23:59:59.999Z"),
            ("@yearStart", "2026-01-01 00:00:00.000Z"),
            ("@yearEnd", "2026-12-31 23:59:59.999Z"),
        ] {
            assert_eq!(at(name, sunday), Value::from(value), "{name}");
        }
        for (name, value) in [
            ("@second", 53),
            ("@minute", 57),
            ("@hour", 7),
            ("@day", 22),
            ("@weekday", 0),
            ("@month", 11),
            ("@year", 2026),
        ] {
            assert_eq!(at(name, sunday), Value::from(value), "{name}");
        }
        assert_eq!(at("@monthEnd", "2024-02-03"), Value::from("2024-02-29 23:59:59.999Z"));
        assert_eq!(at("@weekday", "1969-12-31"), Value::from(3));
    }
}
