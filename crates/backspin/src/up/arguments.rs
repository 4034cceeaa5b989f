//! Values of arguments that `spin up` writes in a form of its own.

use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use backspin_host::Spread;

/// `127.0.0.1:3000`, `localhost:3000`, `[::1]:3000`: of several addresses, 127.0.0.1 is preferred.
pub(super) fn parse_listen(text: &str) -> Result<SocketAddr, String> {
    let addresses: Vec<SocketAddr> = text
        .to_socket_addrs()
        .map_err(|error| format!("write HOST:PORT, as 127.0.0.1:3000: {error}"))?
        .collect();
    addresses
        .iter()
        .find(|address| address.ip() == std::net::Ipv4Addr::LOCALHOST)
        .or(addresses.first())
        .copied()
        .ok_or_else(|| "the host has no address".to_owned())
}

/// `8`, or `1..8` for a value from 1 to 7.
pub(super) fn parse_count(text: &str) -> Result<Spread<usize>, String> {
    parse_spread(text, |count| match count.parse() {
        Ok(0) => Err("it must be at least 1".to_owned()),
        Ok(count) => Ok(count),
        Err(_) => Err(format!("{count:?} is not a whole number; write 8, or 1..8")),
    })
}

/// `10`, `10s`, `500ms`, or a range of them as `1..8s`: a number alone counts seconds.
pub(super) fn parse_duration(text: &str) -> Result<Spread<Duration>, String> {
    parse_spread(text, |duration| {
        let digits = duration.trim_end_matches(|c: char| !c.is_ascii_digit());
        let unit = &duration[digits.len()..];
        let number: u64 =
            digits.parse().map_err(|_| format!("{duration:?} is not a time; write 10s, 500ms or 1s..8s"))?;
        let duration = match unit {
            "" | "s" => Duration::from_secs(number),
            "ms" => Duration::from_millis(number),
            "us" | "μs" => Duration::from_micros(number),
            "ns" => Duration::from_nanos(number),
            _ => return Err(format!("the unit {unit:?} is not one of s, ms, us, ns")),
        };
        if duration > Duration::from_secs(365 * 24 * 3600) {
            return Err("it must be at most a year".to_owned());
        }
        Ok(duration)
    })
}

fn parse_spread<T: PartialOrd + Copy>(
    text: &str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Spread<T>, String> {
    let Some((first, end)) = text.split_once("..") else { return parse(text).map(Spread::Exact) };
    let (first, end) = (parse(first)?, parse(end)?);
    if first < end {
        Ok(Spread::Range(first, end))
    } else {
        Err("the range is empty: its end does not belong to it".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_numbers_or_ranges() {
        assert_eq!(parse_count("8"), Ok(Spread::Exact(8)));
        assert_eq!(parse_count("1..8"), Ok(Spread::Range(1, 8)));
        for wrong in ["", "0", "-1", "1.5", "8..8", "8..1", "1..", "..8", "a", "99999999999999999999"] {
            assert!(parse_count(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn durations_have_units() {
        let exact = |duration| Ok(Spread::Exact(duration));
        assert_eq!(parse_duration("10"), exact(Duration::from_secs(10)));
        assert_eq!(parse_duration("10s"), exact(Duration::from_secs(10)));
        assert_eq!(parse_duration("500ms"), exact(Duration::from_millis(500)));
        assert_eq!(parse_duration("7us"), exact(Duration::from_micros(7)));
        assert_eq!(parse_duration("7μs"), exact(Duration::from_micros(7)));
        assert_eq!(parse_duration("9ns"), exact(Duration::from_nanos(9)));
        assert_eq!(
            parse_duration("1..8s"),
            Ok(Spread::Range(Duration::from_secs(1), Duration::from_secs(8)))
        );
        assert_eq!(
            parse_duration("500ms..1"),
            Ok(Spread::Range(Duration::from_millis(500), Duration::from_secs(1)))
        );
        for wrong in ["", "s", "1m", "1 s", "1.5s", "-1s", "8s..1s", "1..", "99999999999s"] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn localhost_is_the_ipv4_one() {
        assert_eq!(parse_listen("localhost:12345"), Ok(([127, 0, 0, 1], 12345).into()));
        assert_eq!(parse_listen("[::1]:80").unwrap().port(), 80);
        for wrong in ["3000", ":", "127.0.0.1", "127.0.0.1:99999"] {
            assert!(parse_listen(wrong).is_err(), "{wrong}");
        }
    }
}
