//! Indexes: kept through renames, made again where their columns are.

use backspin_schema::{Collection, Index, ddl};

use super::pairs::{Pairs, Table, converts};
use crate::index_names::{mentions, moved};
use crate::measure::count_sql;
use crate::step::{Grade, Step, StepKind};

/// Puts each index of `new` on its collection's table, and on the new name of a field where it still
/// has the old one, as [`super::plan`] does.
pub fn follow_renames(old: &[Collection], new: &mut [Collection]) {
    for collection in new.iter_mut().filter(|collection| !collection.is_view() && !collection.name.is_empty())
    {
        let before = old.iter().find(|before| before.id == collection.id);
        let mut indexes = collection.indexes.clone();
        for index in &mut indexes {
            let Some(parsed) = Index::parse(index) else { continue };
            let table = before.map(|before| Table::match_fields(before, collection));
            // A name that a field has now means that field.
            let is_there =
                |name: &str| collection.fields.iter().any(|field| field.name.eq_ignore_ascii_case(name));
            let new_name = |name: &str| {
                let new = table.as_ref().and_then(|table| table.new_name(name));
                new.filter(|_| !is_there(name)).map(str::to_owned)
            };
            let moved = moved(&parsed, &collection.name, new_name);
            if moved != parsed {
                *index = moved.to_string();
            }
        }
        collection.indexes = indexes;
    }
}

pub(super) fn drop_steps(pairs: &Pairs<'_>) -> Vec<Step> {
    let mut steps = Vec::new();
    for table in &pairs.tables {
        let gone = parsed(table.old).filter(|index| kept(table, index).is_none());
        steps.extend(gone.map(|index| {
            let summary = format!("Remove the index {} of {}", index.name, table.old.name);
            let step = Step::new(StepKind::DropIndex, table.old.name.as_str(), summary);
            step.with_sql(vec![ddl::drop_index(&index.name)], vec![index.to_string()])
        }));
    }
    steps
}

pub(super) fn create_steps(pairs: &Pairs<'_>) -> Vec<Step> {
    let mut steps = Vec::new();
    for table in &pairs.tables {
        steps.extend(made(table).into_iter().map(|(_, index)| {
            let unique = if index.unique { "unique " } else { "" };
            let summary = format!("Make the {unique}index {} of {}", index.name, table.new.name);
            let mut step = Step::new(StepKind::CreateIndex, table.old.name.as_str(), summary)
                .with_sql(vec![index.to_string()], vec![ddl::drop_index(&index.name)])
                .graded(&[Grade::Rewrites]);
            if index.unique {
                step = step.graded(&[Grade::BreaksClients]);
            }
            step.counts.rows = Some(count_sql(&table.old.name));
            step
        }));
    }
    steps
}

/// The indexes that are made on a table, with their places among those of the collection.
pub(super) fn made(table: &Table<'_>) -> Vec<(usize, Index)> {
    let kept: Vec<String> = parsed(table.old).filter_map(|index| kept(table, &index)).collect();
    let wanted = table.new.indexes.iter().enumerate();
    let wanted = wanted.filter_map(|(position, sql)| Some((position, Index::parse(sql)?)));
    wanted.filter(|(_, index)| !kept.contains(&index.to_string())).collect()
}

/// The definition that an index has after the renames, if it is one that is wanted and its columns are
/// only renamed: SQLite renames them in it.
fn kept(table: &Table<'_>, index: &Index) -> Option<String> {
    let touched = table.dropped.iter().any(|field| mentions(index, &field.name))
        || table.fields.iter().any(|(old, new)| converts(old, new) && mentions(index, &old.name));
    if touched {
        return None;
    }
    let new_name = |name: &str| table.new_name(name).map(str::to_owned);
    let moved = moved(index, &table.new.name, new_name).to_string();
    parsed(table.new).any(|wanted| wanted.to_string() == moved).then_some(moved)
}

fn parsed(collection: &Collection) -> impl Iterator<Item = Index> {
    collection.indexes.iter().filter_map(|sql| Index::parse(sql))
}
