//! The names a manifest gives: component ids, variables and store labels, by Spin's rules.

/// Checks a component id: words of letters and digits joined by `-`, each all lowercase or all UPPERCASE.
pub(super) fn check_component_id(id: &str) -> Result<(), String> {
    check_words(id, '-', "`-`")
}

/// Checks the label of a key-value store or database: words joined all by `-` or all by `_`.
pub(super) fn check_label(label: &str) -> Result<(), String> {
    if label.contains('_') { check_words(label, '_', "`_`") } else { check_words(label, '-', "`-`") }
}

/// Checks the name of a variable: lowercase letters, digits and single underscores between them.
pub(crate) fn check_variable_name(name: &str) -> Result<(), String> {
    if name.is_empty() {
        Err("it is empty".to_owned())
    } else if let Some(invalid) =
        name.chars().find(|c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_'))
    {
        Err(format!("{invalid:?} is not allowed: use lowercase letters, digits and underscores"))
    } else if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        Err("it must start with a lowercase letter".to_owned())
    } else if name.ends_with('_') {
        Err("it must end with a letter or digit".to_owned())
    } else if name.contains("__") {
        Err("it has two underscores in a row".to_owned())
    } else {
        Ok(())
    }
}

fn check_words(name: &str, separator: char, shown: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("it is empty".to_owned());
    }
    for (index, word) in name.split(separator).enumerate() {
        let Some(first) = word.chars().next() else {
            return Err(format!("a word between two {shown} is empty"));
        };
        if let Some(invalid) = word.chars().find(|c| !c.is_ascii_alphanumeric()) {
            return Err(format!("{invalid:?} is not allowed: use letters, digits and {shown} between words"));
        }
        if index == 0 && first.is_ascii_digit() {
            return Err("it must start with a letter".to_owned());
        }
        let uppercase = word.chars().any(|c| c.is_ascii_uppercase());
        let lowercase = word.chars().any(|c| c.is_ascii_lowercase());
        if uppercase && lowercase {
            return Err(format!("the word {word:?} must be all lowercase or all UPPERCASE"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rule: fn(&str) -> Result<(), String>, valid: &[&str], invalid: &[&str]) {
        for name in valid {
            assert_eq!(rule(name), Ok(()), "{name:?}");
        }
        for name in invalid {
            assert!(rule(name).is_err(), "{name:?} was accepted");
        }
    }

    #[test]
    fn component_ids_are_kebab_case() {
        check(
            check_component_id,
            &["a", "api", "records-list", "HTTP-api", "v-2", "a1"],
            &["", "1a", "-a", "a-", "a--b", "a_b", "Api", "a b", "é", "a.b"],
        );
    }

    #[test]
    fn labels_are_kebab_or_snake_case() {
        check(
            check_label,
            &["default", "my-store", "my_store"],
            &["", "my-store_two", "a b", "_a", "a_", "*"],
        );
    }

    #[test]
    fn variable_names_are_lower_snake_case() {
        check(
            check_variable_name,
            &["a", "a1", "smtp_host", "a_1_b"],
            &["", "A", "1a", "_a", "a_", "a__b", "a-b", "é"],
        );
    }
}
