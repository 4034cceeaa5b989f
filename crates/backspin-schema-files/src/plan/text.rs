//! Plans and migrations as people read them, styled for a terminal.

use std::fmt;

use anstyle::{AnsiColor, Style};

use super::{Migration, Plan, Step};

const PROBLEM: Style = AnsiColor::Red.on_default().bold();
const HEAD: Style = Style::new().dimmed();

/// The columns before the sentence, which stands last because it is long.
struct Row {
    grades: String,
    style: Style,
    rows: String,
    lost: String,
    summary: String,
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        steps(&self.steps, f)?;
        for problem in &self.problems {
            let (collection, part, message) = (&problem.collection, &problem.part, &problem.message);
            writeln!(f, "{PROBLEM}problem{PROBLEM:#} in {collection}, {part}: {message}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Migration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Migration { number, applied, author, reverted, .. } = self;
        let author = if author.is_empty() { String::new() } else { format!(" by {author}") };
        let reverted = if reverted.is_empty() { String::new() } else { format!(", taken back {reverted}") };
        writeln!(f, "Migration {number} of {applied}{author}{reverted}")?;
        self.steps.iter().try_for_each(|step| writeln!(f, "  {}", one_line(&step.summary)))
    }
}

fn steps(steps: &[Step], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if steps.is_empty() {
        return Ok(());
    }
    let rows: Vec<Row> = steps.iter().map(row).collect();
    let width = |head: &str, of: fn(&Row) -> &str| {
        rows.iter().map(|row| of(row).chars().count()).chain([head.len()]).max().unwrap_or_default()
    };
    let grades = width("grade", |row| &row.grades);
    let counted = width("rows", |row| &row.rows);
    let lost = width("lost", |row| &row.lost);
    writeln!(f, "{HEAD}{:grades$}  {:>counted$}  {:>lost$}  step{HEAD:#}", "grade", "rows", "lost")?;
    for Row { grades: text, style, rows, lost: values, summary } in &rows {
        writeln!(f, "{style}{text:grades$}{style:#}  {rows:>counted$}  {values:>lost$}  {summary}")?;
    }
    Ok(())
}

fn row(step: &Step) -> Row {
    let count = |count: Option<i64>| count.map_or_else(|| "?".to_owned(), |count| count.to_string());
    let grades: Vec<&str> = step.grades.iter().rev().map(|grade| words(grade)).collect();
    let style = match step.grades.last().map(String::as_str) {
        Some("losesData") => AnsiColor::Red.on_default().bold(),
        Some("breaksClients") => AnsiColor::Yellow.on_default(),
        Some("rewrites") => AnsiColor::Cyan.on_default(),
        _ => AnsiColor::Green.on_default(),
    };
    Row {
        grades: grades.join(", "),
        style,
        rows: count(step.rows),
        lost: count(step.lost),
        summary: one_line(&step.summary),
    }
}

fn words(grade: &str) -> &str {
    match grade {
        "losesData" => "loses data",
        "breaksClients" => "breaks clients",
        other => other,
    }
}

/// An index may be written over several lines.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
