//! The headers of a request.

/// Header names and values in the order they came. Names are compared without regard to case.
#[derive(Clone, Debug, Default)]
pub struct Headers(Vec<(String, Vec<u8>)>);

impl Headers {
    pub fn new(headers: Vec<(String, Vec<u8>)>) -> Self {
        Headers(headers)
    }

    /// The first value of `name` that is UTF-8.
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(value).ok()
    }

    pub(crate) fn find_path_match(&self, name: &str) -> Option<&str> {
        const PREFIX: &str = "spin-path-match-";
        let is_match = |key: &str| {
            key.split_at_checked(PREFIX.len())
                .is_some_and(|(prefix, rest)| rest == name && prefix.eq_ignore_ascii_case(PREFIX))
        };
        let (_, value) = self.0.iter().find(|(key, _)| is_match(key))?;
        std::str::from_utf8(value).ok()
    }

    /// The length of the body as announced.
    pub fn content_length(&self) -> Option<u64> {
        self.get("content-length")?.parse().ok()
    }

    /// All that are UTF-8, as filters name them: in lower case with `_` for `-`.
    pub(crate) fn pairs(&self) -> Vec<(String, String)> {
        let pairs = self.0.iter().filter_map(|(name, value)| {
            let value = std::str::from_utf8(value).ok()?;
            Some((name.to_ascii_lowercase().replace('-', "_"), value.to_owned()))
        });
        pairs.collect()
    }
}
