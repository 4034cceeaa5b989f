//! How often a pattern may repeat its parts: as often as PocketBase lets it.

use regex_syntax::ast::{Ast, RepetitionKind, RepetitionRange, parse::Parser};

/// What is within repetitions counts as often as all of them together ask for.
const REPETITIONS_MAX: u64 = 1000;

/// Errors: the first part of a well-formed pattern that is repeated too often.
pub(super) fn check(pattern: &str) -> Result<(), String> {
    // What is wrong otherwise is told by the compiler.
    Parser::new().parse(pattern).map_or(Ok(()), |ast| repetitions(pattern, &ast).map(|_| ()))
}

/// How often the part that is repeated most is, at least 1. The parser bounds the depth.
fn repetitions(pattern: &str, ast: &Ast) -> Result<u64, String> {
    let most = |parts: &[Ast]| {
        parts.iter().try_fold(1, |most, part| Ok::<_, String>(most.max(repetitions(pattern, part)?)))
    };
    match ast {
        Ast::Group(group) => repetitions(pattern, &group.ast),
        Ast::Concat(concat) => most(&concat.asts),
        Ast::Alternation(alternation) => most(&alternation.asts),
        Ast::Repetition(repetition) => {
            let inside = repetitions(pattern, &repetition.ast)?;
            let RepetitionKind::Range(range) = &repetition.op.kind else { return Ok(inside) };
            let count = match range {
                RepetitionRange::Exactly(0) | RepetitionRange::Bounded(_, 0) => return Ok(1),
                RepetitionRange::Exactly(count) | RepetitionRange::Bounded(_, count) => *count,
                RepetitionRange::AtLeast(count) => (*count).max(1),
            };
            let all = inside * u64::from(count);
            if count > 1 && all > REPETITIONS_MAX {
                let span = &repetition.op.span;
                let written = pattern.get(span.start.offset..span.end.offset).unwrap_or_default();
                return Err(format!("invalid repeat count: `{written}`"));
            }
            Ok(all)
        }
        _ => Ok(1),
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_part_is_repeated_a_thousand_times_at_most() {
        for pattern in [
            "a{1000}",
            "(a{100}b){10}",
            "(a{1,100}){1,10}",
            "(a{500}){2,}",
            "(a{600}){0}",
            "(a+){1000}",
            "(a{2,}){400}",
            "(a{31}(b{0}){32}){31}",
            "a{1000}b{1000}",
            "[{2000}]",
            "\\{2000}",
            "((a{2,}){20}){20}",
            "(a{500}){0,}",
            "[",
        ] {
            assert_eq!(check(pattern), Ok(()), "{pattern}");
        }
        for (pattern, part) in [
            ("a{1,2000}", "{1,2000}"),
            ("a{2000,}", "{2000,}"),
            ("a{1001}b", "{1001}"),
            ("(a*){1001}", "{1001}"),
            ("(a{100}){11}", "{11}"),
            ("(a{101}b){10}", "{10}"),
            ("((a{10}){10}){11}", "{11}"),
            ("(a{500}|b){3}", "{3}"),
            ("((a{500})?){3}", "{3}"),
            ("(a{0}){1001}", "{1001}"),
            ("((a{2,}){30}){20}", "{20}"),
            ("((a{40}){30}){0}", "{30}"),
        ] {
            assert_eq!(check(pattern), Err(format!("invalid repeat count: `{part}`")), "{pattern}");
        }
    }
}
