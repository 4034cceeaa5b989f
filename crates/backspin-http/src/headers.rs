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

    /// What the route calls `:name`. Stock Spin leaves headers of the client's that are called so before its own.
    pub(crate) fn find_path_match(&self, name: &str) -> Option<&str> {
        const PREFIX: &str = "spin-path-match-";
        let is_match = |key: &str| {
            key.split_at_checked(PREFIX.len())
                .is_some_and(|(prefix, rest)| rest == name && prefix.eq_ignore_ascii_case(PREFIX))
        };
        let (_, value) = self.0.iter().rfind(|(key, _)| is_match(key))?;
        std::str::from_utf8(value).ok()
    }

    /// The length of the body as announced.
    pub fn content_length(&self) -> Option<u64> {
        self.get("content-length")?.parse().ok()
    }

    /// The first value that is UTF-8 of the header that rules and filters call `name`: in lower case with `_`
    /// for `-`.
    pub(crate) fn find_as_named_in_filters(&self, name: &str) -> Option<&str> {
        self.named_in_filters(name).find_map(|value| std::str::from_utf8(value).ok())
    }

    /// The value of the last such header, if it is UTF-8.
    pub(crate) fn find_last_as_named_in_filters(&self, name: &str) -> Option<&str> {
        self.named_in_filters(name).next_back().and_then(|value| std::str::from_utf8(value).ok())
    }

    fn named_in_filters(&self, name: &str) -> impl DoubleEndedIterator<Item = &[u8]> {
        let as_named = |byte: u8| if byte == b'-' { b'_' } else { byte.to_ascii_lowercase() };
        let named = self.0.iter().filter(move |(key, _)| key.bytes().map(as_named).eq(name.bytes()));
        named.map(|(_, value)| value.as_slice())
    }
}
