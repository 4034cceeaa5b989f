//! The pattern of `~` and `!~`.

/// The pattern for a value, with `\` as its escape character.
///
/// A value with a `%` that is not escaped is a pattern already and stays as it is. Any other is
/// searched for anywhere: its `\`, `%` and `_` are escaped where they were not, and it is put between
/// two `%`.
pub(crate) fn pattern(value: &str) -> String {
    if has_wildcard(value) {
        return value.to_owned();
    }
    let mut pattern = String::with_capacity(value.len() + 2);
    pattern.push('%');
    let mut chars = value.chars().peekable();
    while let Some(char) = chars.next() {
        if is_special(char) {
            pattern.push('\\');
            if char == '\\'
                && let Some(escaped) = chars.next_if(|next| is_special(*next))
            {
                pattern.push(escaped);
                continue;
            }
        }
        pattern.push(char);
    }
    pattern.push('%');
    pattern
}

fn has_wildcard(value: &str) -> bool {
    let mut chars = value.chars();
    while let Some(char) = chars.next() {
        match char {
            '%' => return true,
            '\\' => drop(chars.next()),
            _ => {}
        }
    }
    false
}

fn is_special(char: char) -> bool {
    matches!(char, '\\' | '%' | '_')
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn patterns_are_those_of_pocketbase() {
        for (value, expected) in [
            ("", "%%"),
            ("hello", "%hello%"),
            ("hello%", "hello%"),
            (r"100\%", r"%100\%%"),
            ("a_b", r"%a\_b%"),
            ("_", r"%\_%"),
            (r"\", r"%\\%"),
            (r"\\", r"%\\%"),
            (r"\\\", r"%\\\\%"),
            (r"a\b", r"%a\\b%"),
            (r"a\_b", r"%a\_b%"),
            (r"a\\_b", r"%a\\\_b%"),
            (r"a\\%b", r"a\\%b"),
            ("a%b_c", "a%b_c"),
            (r"\%\%", r"%\%\%%"),
            (r"_\_", r"%\_\_%"),
        ] {
            assert_eq!(pattern(value), expected, "{value}");
        }
    }
}
