//! Questions to whoever sits at the terminal.

use std::io::{IsTerminal, Write};

use anyhow::bail;

/// Whether the answer is `word`, or, if that is `yes`, `y`. What is not asked is not answered: Ctrl-C and Ctrl-D are
/// a no.
///
/// Errors: there is no terminal to ask at.
pub(crate) fn ask(question: &str, word: &str) -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        bail!("nobody can be asked here: nothing was changed. Add --yes to go on without a question");
    }
    eprint!("{question} ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    let answer = answer.trim();
    Ok(answer.eq_ignore_ascii_case(word) || (word == "yes" && answer.eq_ignore_ascii_case("y")))
}
