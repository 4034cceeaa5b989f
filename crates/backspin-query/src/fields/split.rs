//! The text of `fields` cut into its paths.

use crate::error::{QueryError, Result};

/// The parts between commas that are in neither quotes nor parentheses, with where they start. After a `\` no quote
/// begins or ends.
///
/// Errors: a quote that is not closed.
pub(super) fn split(text: &str) -> Result<Vec<(usize, &str)>> {
    let (mut parts, mut start, mut depth) = (vec![], 0, 0usize);
    let mut quote = None;
    let mut before = '\0';
    for (at, char) in text.char_indices() {
        let is_quote = matches!(char, '\'' | '"' | '`') && before != '\\';
        before = char;
        match (char, quote) {
            (_, Some((_, open))) => quote = quote.filter(|_| !is_quote || char != open),
            (_, None) if is_quote => quote = Some((at, char)),
            ('(', None) => depth += 1,
            (')', None) => depth = depth.saturating_sub(1),
            (',', None) if depth == 0 => {
                parts.push((start, &text[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    if let Some((at, quote)) = quote {
        let message = format!("The quote {quote} in fields is not closed.");
        return Err(QueryError::invalid(message, at..text.len()));
    }
    parts.push((start, &text[start..]));
    Ok(parts)
}
