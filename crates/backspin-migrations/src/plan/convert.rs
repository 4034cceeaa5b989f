//! The step that gives a field another kind of column, with its values converted.

use backspin_schema::Field;
use backspin_schema::quote::Quoted;

use super::fields::{add_column, drop_column, rename_column, target};
use super::pairs::Table;
use crate::conversion::{Shape, doubt, expression};
use crate::kept;
use crate::measure::count_sql;
use crate::step::{Counts, Grade, Step, StepKind, WithoutKept};

/// No field can have such a name.
const NEW: &str = "new~";

/// Values that the way back would not yield again are kept. A record that is written in between keeps
/// what was written, converted back.
pub(super) fn step(table: &Table<'_>, old: &Field, new: &Field, kept: String) -> Step {
    let (from, to) = (Shape::of(old), Shape::of(new));
    let there = |x: &str| expression(from, to, x);
    let back = |x: &str| expression(to, from, x);
    let only = |doubt: Option<String>| doubt.map(|doubt| format!("({doubt}) AND ")).unwrap_or_default();
    let name = &table.old.name;
    let (quoted, column, kept_table) = (Quoted(name), Quoted(&new.name), Quoted(&kept));
    let fresh = Quoted(NEW);
    let made_again = format!("{quoted}.{column}");

    let up = vec![
        add_column(name, &renamed(new, NEW)),
        format!("UPDATE {quoted} SET {fresh} = {}", there(&column.to_string())),
        kept::create(&kept),
        format!(
            r#"INSERT INTO {kept_table} SELECT "id", {column}, {fresh} FROM {quoted} WHERE {}{} IS NOT {column}"#,
            only(doubt(from, to, &column.to_string())),
            back(&fresh.to_string())
        ),
        drop_column(name, &new.name),
        rename_column(name, NEW, &new.name),
    ];
    let convert_back = [
        add_column(name, &renamed(old, NEW)),
        format!("UPDATE {quoted} SET {fresh} = {}", back(&column.to_string())),
    ];
    let restore = [
        format!(
            r#"UPDATE {quoted} SET {fresh} = "kept"."old" FROM {kept_table} AS "kept" WHERE "kept"."id" = {quoted}."id" AND "kept"."new" IS {made_again}"#
        ),
        kept::drop(&kept),
    ];
    let take_place = [drop_column(name, &new.name), rename_column(name, NEW, &new.name)];
    let without_kept = [&convert_back[..], &take_place].concat();
    let down = [&convert_back[..], &restore, &take_place].concat();

    let summary = format!("Convert the field {} of {name} {}", new.name, words(old, new));
    let mut step = Step::new(StepKind::ConvertField, target(table, old), summary)
        .with_sql(up, down)
        .graded(&[Grade::Rewrites, Grade::BreaksClients]);
    if !is_always_whole(from, to) {
        step = step.graded(&[Grade::LosesData]);
    }
    let lost_by_revert = |and: &str| Some(changed((&table.new.name, &new.name), (to, from), and));
    step.counts = Counts {
        rows: Some(count_sql(name)),
        lost: Some(changed((name, &old.name), (from, to), "")),
        lost_by_revert: lost_by_revert(&format!(
            r#" AND NOT EXISTS (SELECT 1 FROM {kept_table} AS "kept" WHERE "kept"."id" = "row"."id" AND "kept"."new" IS "row"."before")"#
        )),
    };
    step.without_kept = WithoutKept { down: without_kept, lost_by_revert: lost_by_revert("") };
    step.kept = Some(kept);
    step
}

/// Counts the values of a column that do not survive the way there and back.
fn changed((table, column): (&str, &str), (from, to): (Shape, Shape), and: &str) -> String {
    let column = Quoted(column).to_string();
    let doubted = doubt(from, to, &column).map(|doubt| format!(" WHERE {doubt}")).unwrap_or_default();
    // By its limit the inner query stays one of its own: else SQLite would convert anew for each mention of the result.
    format!(
        r#"SELECT COUNT(*) FROM (SELECT "id", {column} AS "before", {} AS "after" FROM {}{doubted} LIMIT -1) AS "row" WHERE {} IS NOT "row"."before"{and}"#,
        expression(from, to, &column),
        Quoted(table),
        expression(to, from, r#""row"."after""#)
    )
}

/// Whether no value of the one shape is lost in the other. What a record holds that its field's type
/// does not allow is counted all the same.
fn is_always_whole(from: Shape, to: Shape) -> bool {
    use Shape::*;
    matches!(
        (from, to),
        (Text, List)
            | (Date | Number | Bool | GeoPoint, Text)
            | (Date | Number | Bool | List | GeoPoint, Json)
    )
}

fn renamed(field: &Field, name: &str) -> Field {
    Field { name: name.to_owned(), ..field.clone() }
}

/// As in `from text to number`.
pub(super) fn words(old: &Field, new: &Field) -> String {
    if old.type_name() != new.type_name() {
        return format!("from {} to {}", old.type_name(), new.type_name());
    }
    if new.is_multiple() { "to several values".to_owned() } else { "to one value, the last".to_owned() }
}
