//! Pictures for buttons.

/// An SVG of the name's first letter: brands are their owners'.
pub fn logo(display_name: &str) -> String {
    let letter: String = display_name.chars().take(1).filter(|char| char.is_alphanumeric()).collect();
    let letter = letter.to_uppercase();
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="5" fill="#56606e"/><text x="12" y="17" font-family="sans-serif" font-size="14" fill="#fff" text-anchor="middle">{letter}</text></svg>"##
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logo_shows_a_letter_and_nothing_else() {
        assert!(logo("ВКонтакте").contains(">В</text>"));
        assert!(logo("monday.com").contains(">M</text>"));
        assert!(logo("<script>").contains("></text>"));
    }
}
