//! Steps that remove, rename and add fields. They run while the table still has its old name.

use backspin_schema::Field;
use backspin_schema::quote::Quoted;

use super::pairs::{Pairs, Table, converts};
use super::{convert, renames};
use crate::conversion::zero;
use crate::kept::{self, Keeper};
use crate::measure::count_sql;
use crate::step::{Counts, Grade, Step, StepKind};

pub(super) fn steps(pairs: &Pairs<'_>, keeper: &mut Keeper<'_>) -> Vec<Step> {
    let mut steps = Vec::new();
    for table in &pairs.tables {
        steps.extend(table.dropped.iter().map(|field| drop_step(table, field, keeper.next())));
        steps.extend(rename_steps(table));
        steps.extend(table.added.iter().map(|field| add_step(table, field)));
        let converted = table.fields.iter().filter(|(old, new)| converts(old, new));
        steps.extend(converted.map(|(old, new)| convert::step(table, old, new, keeper.next())));
    }
    steps
}

/// `posts.title`
pub(super) fn target(table: &Table<'_>, field: &Field) -> String {
    format!("{}.{}", table.old.name, field.name)
}

/// Only values that are not the field's zero are kept: the column gets the others by its default.
fn drop_step(table: &Table<'_>, field: &Field, kept: String) -> Step {
    let (name, column) = (Quoted(&table.old.name), Quoted(&field.name));
    let held = format!("{column} IS NOT {}", zero(field.column()));
    let kept_table = Quoted(&kept);
    let up = vec![
        kept::create(&kept),
        format!(r#"INSERT INTO {kept_table} ("id", "old") SELECT "id", {column} FROM {name} WHERE {held}"#),
        drop_column(&table.old.name, &field.name),
    ];
    let down = vec![
        add_column(&table.old.name, field),
        format!(
            r#"UPDATE {name} SET {column} = "kept"."old" FROM {kept_table} AS "kept" WHERE "kept"."id" = {name}."id""#
        ),
        kept::drop(&kept),
    ];
    let summary = format!("Remove the field {} from {} with its values", field.name, table.old.name);
    let mut step = Step::new(StepKind::DropField, target(table, field), summary)
        .with_sql(up, down)
        .graded(&[Grade::Rewrites, Grade::BreaksClients, Grade::LosesData]);
    step.counts.rows = Some(count_sql(&table.old.name));
    step.counts.lost = Some(format!("SELECT COUNT(*) FROM {name} WHERE {held}"));
    step.kept = Some(kept);
    step.without_kept.down = vec![add_column(&table.old.name, field)];
    step
}

fn rename_steps(table: &Table<'_>) -> Vec<Step> {
    let renamed = table.fields.iter().filter(|(old, new)| old.name != new.name);
    let names = renamed.map(|(old, new)| (old.name.as_str(), new.name.as_str())).collect();
    let collection = &table.old.name;
    let step = |renames: renames::Renames<'_>| {
        let (up, down) = renames.statements(|from, to| rename_column(collection, from, to));
        let targets: Vec<String> =
            renames.pairs.iter().map(|(from, _)| format!("{collection}.{from}")).collect();
        let summary = format!("Rename the field {} in {collection}", renames.words());
        Step::new(StepKind::RenameFields, targets.join(","), summary)
            .with_sql(up, down)
            .graded(&[Grade::BreaksClients])
    };
    renames::arrange(names).into_iter().map(step).collect()
}

/// The default is constant, so no row is written.
fn add_step(table: &Table<'_>, field: &Field) -> Step {
    let summary = format!("Add the {} field {} to {}", field.type_name(), field.name, table.old.name);
    let (up, down) = (add_column(&table.old.name, field), drop_column(&table.old.name, &field.name));
    let mut step =
        Step::new(StepKind::AddField, target(table, field), summary).with_sql(vec![up], vec![down]);
    if field.required {
        step = step.graded(&[Grade::BreaksClients]);
    }
    let (name, column) = (Quoted(&table.new.name), Quoted(&field.name));
    let held = format!("SELECT COUNT(*) FROM {name} WHERE {column} IS NOT {}", zero(field.column()));
    step.counts = Counts { lost_by_revert: Some(held), ..Counts::default() };
    step
}

pub(super) fn add_column(table: &str, field: &Field) -> String {
    let declaration = field.column().declaration();
    format!("ALTER TABLE {} ADD COLUMN {} {declaration}", Quoted(table), Quoted(&field.name))
}

pub(super) fn drop_column(table: &str, column: &str) -> String {
    format!("ALTER TABLE {} DROP COLUMN {}", Quoted(table), Quoted(column))
}

pub(super) fn rename_column(table: &str, from: &str, to: &str) -> String {
    format!("ALTER TABLE {} RENAME COLUMN {} TO {}", Quoted(table), Quoted(from), Quoted(to))
}
