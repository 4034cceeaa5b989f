//! The forms in which clients write dates, and how a text is read by one.

/// Every form that PocketBase takes, the usual ones first. Each letter stands for a part, as told in
/// [`Parts::take`], but `T` and all else for itself; a space matches any number of them.
pub(super) const LAYOUTS: [&str; 23] = [
    "Y-m-d H:M:So",
    "Y-m-dTH:M:SO",
    "Y-m-d",
    "Y-m-d H:M:S",
    "Y-m-dTH:M:S",
    "Y-m-d H:M:SO",
    "Y-m-dTH:M:Sz",
    "Y-m-d H:M:S c",
    "Y-m-d H:M:S z",
    "Y-m-d H:M:S z N",
    "a, d b Y H:M:S z",
    "a, d b Y H:M:S N",
    "d b y H:M z",
    "d b y H:M N",
    "A, d-b-y H:M:S N",
    "a b e H:M:S Y",
    "a b e H:M:S N Y",
    "a b d H:M:S z Y",
    "d b Y",
    "h:Mp",
    "b e H:M:S",
    "Y-m-d H:M:Sz",
    "Y-m-d H:M:Sc",
];

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const SHORT_WEEKDAY_CHARS: usize = 3;

/// What a date says; what it does not say is as here by default, but for month and day, which are 1.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Parts {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    pub(super) millisecond: i64,
    /// How far the clock is ahead of UTC.
    pub(super) offset_minutes: i64,
}

impl Parts {
    /// Reads the whole of `text` by one of [`LAYOUTS`].
    pub(super) fn read(layout: &str, text: &str) -> Option<Self> {
        let mut parts = Parts { month: 1, day: 1, ..Parts::default() };
        let mut rest = text;
        for letter in layout.chars() {
            rest = parts.take(letter, rest)?;
        }
        rest.is_empty().then_some(parts)
    }

    /// Reads what `letter` stands for; returns what comes after it.
    fn take<'a>(&mut self, letter: char, text: &'a str) -> Option<&'a str> {
        let rest;
        match letter {
            'Y' => (self.year, rest) = digits(text, 4)?,
            // Of two digits: 1969 to 2068.
            'y' => {
                let (year, after) = digits(text, 2)?;
                (self.year, rest) = (if year >= 69 { 1900 + year } else { 2000 + year }, after);
            }
            'm' => (self.month, rest) = digits(text, 2)?,
            // A month by its first three letters.
            'b' => {
                let name = text.get(..3)?.to_ascii_lowercase();
                let index = MONTHS.iter().position(|month| *month == name)?;
                (self.month, rest) = (index as i64 + 1, &text[3..]);
            }
            // A day with two digits, or with one or two after a space.
            'd' => (self.day, rest) = digits(text, 2)?,
            'e' => (self.day, rest) = one_or_two_digits(text.trim_start_matches(' '))?,
            'H' => (self.hour, rest) = one_or_two_digits(text)?,
            // An hour of twelve, to which `p` adds its half of the day.
            'h' => (self.hour, rest) = one_or_two_digits(text).filter(|(hour, _)| *hour <= 12)?,
            'p' => {
                (self.hour, rest) = match text.strip_prefix("PM") {
                    Some(rest) => (self.hour % 12 + 12, rest),
                    None => (self.hour % 12, text.strip_prefix("AM")?),
                }
            }
            'M' => (self.minute, rest) = digits(text, 2)?,
            // Seconds, with a fraction or not.
            'S' => {
                let (second, after) = digits(text, 2)?;
                self.second = second;
                (self.millisecond, rest) = fraction(after);
            }
            // A weekday, in three letters or whole; whether it is the right one does not matter.
            'a' | 'A' => {
                let name = |day: &'static str| if letter == 'a' { &day[..SHORT_WEEKDAY_CHARS] } else { day };
                let is_next =
                    |name: &&str| text.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name));
                rest = &text[WEEKDAYS.into_iter().map(name).find(is_next)?.len()..];
            }
            // An offset as `+0200` or `+02:00`; in capitals or as `o` also `Z`.
            'O' | 'o' if text.starts_with('Z') => rest = &text[1..],
            'z' | 'o' => (self.offset_minutes, rest) = offset(text, "")?,
            'c' | 'O' => (self.offset_minutes, rest) = offset(text, ":")?,
            'N' => rest = self.take_zone_name(text)?,
            ' ' if text.is_empty() => rest = text,
            ' ' => rest = text.strip_prefix(' ')?.trim_start_matches(' '),
            other => rest = text.strip_prefix(other)?,
        }
        Some(rest)
    }

    /// The letters of a time zone. They tell nothing of the time, which counts as UTC; only the hours
    /// after `GMT` are added, as PocketBase does.
    fn take_zone_name<'a>(&mut self, text: &'a str) -> Option<&'a str> {
        if let Some(rest) = text.strip_prefix("GMT") {
            let Some((hours, rest)) = signed_hours(rest) else { return Some(rest) };
            self.offset_minutes = -hours * 60;
            return Some(rest);
        }
        if let Some(rest) = text.strip_prefix("ChST").or_else(|| text.strip_prefix("MeST")) {
            return Some(rest);
        }
        if text.starts_with(['+', '-']) {
            return signed_hours(text).map(|(_, rest)| rest);
        }
        let letters = text.bytes().take_while(u8::is_ascii_uppercase).count();
        let (name, rest) = text.split_at(letters);
        let is_zone = match letters {
            3 => true,
            4 => name.ends_with('T') || name == "WITA",
            5 => name.ends_with('T'),
            _ => false,
        };
        is_zone.then_some(rest)
    }
}

/// Exactly `count` digits.
fn digits(text: &str, count: usize) -> Option<(i64, &str)> {
    let head = text.get(..count).filter(|head| head.bytes().all(|byte| byte.is_ascii_digit()))?;
    Some((head.parse().ok()?, &text[count..]))
}

fn one_or_two_digits(text: &str) -> Option<(i64, &str)> {
    digits(text, 2).or_else(|| digits(text, 1))
}

/// Milliseconds after a point or a comma; what is finer is cut off.
fn fraction(text: &str) -> (i64, &str) {
    let Some(after) = text.strip_prefix(['.', ',']) else { return (0, text) };
    let count = after.bytes().take_while(u8::is_ascii_digit).count();
    if count == 0 {
        return (0, text);
    }
    let milliseconds = after[..count].bytes().chain(*b"00").take(3);
    (milliseconds.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')), &after[count..])
}

/// A sign, hours and minutes.
fn offset<'a>(text: &'a str, between: &str) -> Option<(i64, &'a str)> {
    let (sign, rest) = signed(text)?;
    let (hours, rest) = digits(rest, 2)?;
    let (minutes, rest) = digits(rest.strip_prefix(between)?, 2)?;
    (hours <= 24 && minutes <= 60).then_some((sign * (hours * 60 + minutes), rest))
}

/// A sign and up to 23 hours.
fn signed_hours(text: &str) -> Option<(i64, &str)> {
    let (sign, rest) = signed(text)?;
    let count = rest.bytes().take_while(u8::is_ascii_digit).count();
    let hours: i64 = rest[..count].parse().ok().filter(|hours| *hours <= 23)?;
    Some((sign * hours, &rest[count..]))
}

fn signed(text: &str) -> Option<(i64, &str)> {
    match text.as_bytes().first()? {
        b'+' => Some((1, &text[1..])),
        b'-' => Some((-1, &text[1..])),
        _ => None,
    }
}
