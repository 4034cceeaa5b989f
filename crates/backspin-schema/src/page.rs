//! Which part of a list a client wants.

use backspin_core::{Error, RequestParameters, Result, limits};

/// A page of a list, as applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Counted from 1.
    pub number: i64,
    /// 1 to [`limits::PER_PAGE_MAX`].
    pub size: u32,
    /// Leave out the count of all records, and tell -1.
    pub skip_total: bool,
}

impl Page {
    /// Reads the query parameters `page`, `perPage` and `skipTotal`. What is missing or below 1 gets
    /// its default, too large a size the greatest.
    ///
    /// Errors: 400 for what is no number or boolean.
    pub fn parse(number: Option<&str>, size: Option<&str>, skip_total: Option<&str>) -> Result<Self> {
        let size = match integer(size)? {
            ..=0 => limits::PER_PAGE_DEFAULT,
            size => u32::try_from(size).unwrap_or(u32::MAX).min(limits::PER_PAGE_MAX),
        };
        let skip_total = match skip_total.unwrap_or_default() {
            "" | "0" | "f" | "F" | "false" | "FALSE" | "False" => false,
            "1" | "t" | "T" | "true" | "TRUE" | "True" => true,
            _ => return Err(invalid()),
        };
        Ok(Page { number: integer(number)?.max(1), size, skip_total })
    }

    /// What the query of a request asks for.
    ///
    /// Errors: as [`Page::parse`].
    pub fn of(parameters: &dyn RequestParameters) -> Result<Self> {
        let [number, size, skip_total] = ["page", "perPage", "skipTotal"].map(|name| parameters.query(name));
        Page::parse(number.as_deref(), size.as_deref(), skip_total.as_deref())
    }

    /// How many records come before this page.
    pub fn offset(&self) -> i64 {
        (self.number - 1).saturating_mul(i64::from(self.size))
    }
}

fn integer(text: Option<&str>) -> Result<i64> {
    match text {
        None | Some("") => Ok(0),
        Some(text) => text.parse().map_err(|_| invalid()),
    }
}

fn invalid() -> Error {
    Error::bad_request("Something went wrong while processing your request.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_and_bounds_are_those_of_pocketbase() {
        let page = |number, size| Page::parse(number, size, None).unwrap();
        assert_eq!(page(None, None), Page { number: 1, size: 30, skip_total: false });
        assert_eq!(page(Some("-2"), Some("-5")), Page { number: 1, size: 30, skip_total: false });
        assert_eq!(page(Some("3"), Some("5000")), Page { number: 3, size: 1000, skip_total: false });
        assert_eq!(page(Some("9223372036854775807"), None).offset(), i64::MAX);
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for number in ["abc", "1.5", "99999999999999999999", " 1"] {
            assert_eq!(Page::parse(Some(number), None, None).unwrap_err().status(), 400);
        }
        assert!(Page::parse(None, None, Some("abc")).is_err());
        assert!(Page::parse(None, None, Some("1")).unwrap().skip_total);
    }
}
