//! Values made from a pattern, such as ids from `[a-z0-9]{15}`.

use backspin_core::{Env, Error, Result, id};
use regex_syntax::hir::{Class, Hir, HirKind};

/// That of ids, unless their collection has another: nearly every value is made from it.
const OF_IDS: &str = "[a-z0-9]{15}";
/// How often a part without an upper bound is repeated beyond its lower bound, at most.
const EXTRA_REPETITIONS_MAX: u32 = 10;
/// A value is cut here; a field that allows more text does not get it by itself.
const CHARS_MAX: usize = 5000;

/// A random text that `pattern` matches as a whole.
///
/// Errors: 500 if the pattern is no regular expression, which [`super::check_pattern`] prevents.
pub fn autogenerate(pattern: &str, env: &impl Env) -> Result<String> {
    if pattern == OF_IDS {
        return Ok(id::record_id(env));
    }
    let hir = regex_syntax::parse(pattern)
        .map_err(|error| Error::internal(format!("the pattern {pattern}: {error}")))?;
    let mut text = String::new();
    append(&mut text, &hir, env);
    Ok(text)
}

fn append(text: &mut String, hir: &Hir, env: &impl Env) {
    if text.len() >= CHARS_MAX {
        return;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(class) => text.extend(member(class, env)),
        HirKind::Repetition(repetition) => {
            let max = repetition.max.unwrap_or(repetition.min.saturating_add(EXTRA_REPETITIONS_MAX));
            let count = repetition.min + below(max.saturating_sub(repetition.min).saturating_add(1), env);
            (0..count.min(CHARS_MAX as u32)).for_each(|_| append(text, &repetition.sub, env));
        }
        HirKind::Capture(capture) => append(text, &capture.sub, env),
        HirKind::Concat(parts) => parts.iter().for_each(|part| append(text, part, env)),
        HirKind::Alternation(choices) => {
            let choice = below(choices.len() as u32, env);
            append(text, &choices[choice as usize], env);
        }
    }
}

/// One character of the class, each as likely as any other.
fn member(class: &Class, env: &impl Env) -> Option<char> {
    let ranges: Vec<(u32, u32)> = match class {
        Class::Unicode(class) => {
            class.ranges().iter().map(|range| (range.start().into(), range.end().into())).collect()
        }
        Class::Bytes(class) => {
            class.ranges().iter().map(|range| (range.start().into(), range.end().into())).collect()
        }
    };
    let mut at = below(ranges.iter().map(|(start, end)| end - start + 1).sum(), env);
    for (start, end) in ranges {
        if at <= end - start {
            // A range may span the gap of the surrogates, which are no characters.
            return char::from_u32(start + at).or(char::from_u32(end));
        }
        at -= end - start + 1;
    }
    None
}

/// An even choice of 0 to `bound` - 1; 0 if `bound` is 0.
fn below(bound: u32, env: &impl Env) -> u32 {
    if bound == 0 {
        return 0;
    }
    let fair = u32::MAX - u32::MAX % bound;
    loop {
        let mut bytes = [0; 4];
        env.fill_random(&mut bytes);
        let number = u32::from_le_bytes(bytes);
        if number < fair {
            return number % bound;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use backspin_native::FixedEnv;

    #[test]
    fn values_match_their_pattern() {
        let env = FixedEnv::new();
        for pattern in
            ["[a-z0-9]{15}", "[a-zA-Z0-9]{50}", "(foo|bar)-\\d{2,4}x?", "[^a]{3}", "a+b*", "^x$", ""]
        {
            let whole = regex::Regex::new(&format!("^(?:{pattern})$")).unwrap();
            for _ in 0..50 {
                let value = autogenerate(pattern, &env).unwrap();
                assert!(whole.is_match(&value), "{pattern}: {value:?}");
            }
        }
    }

    #[test]
    fn a_greedy_pattern_takes_bounded_time_and_memory() {
        let value = autogenerate("((a{1000}){1000}){10}", &FixedEnv::new());
        assert!(value.is_ok_and(|value| value.len() <= 2 * CHARS_MAX));
    }
}
