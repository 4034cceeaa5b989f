//! Steps that make, rename and remove the tables of collections.

use backspin_schema::quote::Quoted;
use backspin_schema::{Collection, Index, ddl};

use super::pairs::Pairs;
use super::renames;
use crate::kept::Keeper;
use crate::measure::count_sql;
use crate::step::{Counts, Grade, Step, StepKind};

/// A collection that goes is kept under another name, so that this costs the same whatever its size.
pub(super) fn drop_steps(pairs: &Pairs<'_>, keeper: &mut Keeper<'_>) -> Vec<Step> {
    let tables = pairs.dropped.iter().filter(|collection| !collection.is_view());
    tables.map(|collection| drop_step(collection, keeper.next())).collect()
}

fn drop_step(collection: &Collection, kept: String) -> Step {
    let name = &collection.name;
    let mut up: Vec<String> = indexes(collection).map(|index| ddl::drop_index(&index.name)).collect();
    up.push(rename(name, &kept));
    let mut down = vec![rename(&kept, name)];
    down.extend(indexes(collection).map(|index| index.to_string()));
    let mut step =
        Step::new(StepKind::DropCollection, name, format!("Remove the collection {name} and its records"))
            .with_sql(up, down)
            .graded(&[Grade::BreaksClients, Grade::LosesData]);
    step.counts.lost = Some(count_sql(name));
    step.kept = Some(kept);
    step.without_kept.down = create_statements(collection);
    step
}

pub(super) fn rename_steps(pairs: &Pairs<'_>) -> Vec<Step> {
    let renamed = pairs.tables.iter().filter(|table| table.old.name != table.new.name);
    let names = renamed.map(|table| (table.old.name.as_str(), table.new.name.as_str())).collect();
    let step = |renames: renames::Renames<'_>| {
        let (up, down) = renames.statements(rename);
        let targets: Vec<&str> = renames.pairs.iter().map(|(from, _)| *from).collect();
        let summary = format!("Rename the collection {}", renames.words());
        Step::new(StepKind::RenameCollections, targets.join(","), summary)
            .with_sql(up, down)
            .graded(&[Grade::BreaksClients])
    };
    renames::arrange(names).into_iter().map(step).collect()
}

pub(super) fn create_steps(pairs: &Pairs<'_>) -> Vec<Step> {
    let tables = pairs.created.iter().filter(|collection| !collection.is_view());
    tables.map(|collection| create_step(collection)).collect()
}

fn create_step(collection: &Collection) -> Step {
    let name = &collection.name;
    let mut step = Step::new(StepKind::CreateCollection, name, format!("Create the collection {name}"))
        .with_sql(create_statements(collection), vec![ddl::drop_table(collection)]);
    step.counts = Counts { lost_by_revert: Some(count_sql(name)), ..Counts::default() };
    step
}

fn create_statements(collection: &Collection) -> Vec<String> {
    let table = std::iter::once(ddl::create_table(collection));
    table.chain(indexes(collection).map(|index| index.to_string())).collect()
}

fn indexes(collection: &Collection) -> impl Iterator<Item = Index> {
    collection.indexes.iter().filter_map(|sql| Index::parse(sql))
}

fn rename(from: &str, to: &str) -> String {
    format!("ALTER TABLE {} RENAME TO {}", Quoted(from), Quoted(to))
}
