//! Unique indexes that the records stand against, found before they are made.

use backspin_schema::quote::Quoted;
use backspin_schema::{Field, Index};

use super::indexes;
use super::pairs::{Pairs, Table, converts};
use crate::conversion::{Shape, expression, zero};
use crate::index_names::{What, find, keys, replaced};
use crate::tokens::cut;

/// Counts the values that a unique index would refuse, among the records as they are before the plan.
#[derive(Clone, Debug)]
pub(crate) struct UniqueCheck {
    /// The name of the collection, in the wanted schema.
    pub(crate) collection: String,
    /// As in [`super::Problem`].
    pub(crate) part: String,
    /// The name of the index.
    pub(crate) name: String,
    /// Returns how many values are there more than once.
    pub(crate) sql: String,
}

/// The checks of the unique indexes that the plan makes on tables that are there.
pub(super) fn checks(pairs: &Pairs<'_>) -> Vec<UniqueCheck> {
    let of_table = |table: &Table<'_>| {
        let made = indexes::made(table).into_iter().filter(|(_, index)| index.unique);
        let check = |(position, index): (usize, Index)| {
            let (collection, part) = (table.new.name.clone(), format!("indexes.{position}"));
            Some(UniqueCheck { collection, part, sql: count_sql(table, &index)?, name: index.name })
        };
        made.filter_map(check).collect::<Vec<_>>()
    };
    pairs.tables.iter().flat_map(of_table).collect()
}

/// `None` for an index that says more than which values it is of: the statement is to read this table alone.
fn count_sql(table: &Table<'_>, index: &Index) -> Option<String> {
    let is_simple = |sql: &str| is_bounded(sql) && find(sql).iter().all(|named| named.what == What::Column);
    if !is_simple(&index.columns) || !is_simple(&index.condition) {
        return None;
    }
    let before = |sql: &str| replaced(sql, |named| value_before(table, &named.name));
    let keys: Vec<String> = keys(&index.columns).iter().map(|key| before(key)).collect();
    // Two that are NULL are not the same.
    let mut held: Vec<String> = keys.iter().map(|key| format!("({key}) IS NOT NULL")).collect();
    if !index.condition.is_empty() {
        held.push(format!("({})", before(&index.condition)));
    }
    Some(format!(
        "SELECT COUNT(*) FROM (SELECT 1 FROM {} WHERE {} GROUP BY {} HAVING COUNT(*) > 1)",
        Quoted(&table.old.name),
        held.join(" AND "),
        keys.join(", ")
    ))
}

/// The column `name` of the wanted table, in terms of the table as it is; `None` if it is no column of a field.
fn value_before(table: &Table<'_>, name: &str) -> Option<String> {
    let is_it = |field: &Field| field.name.eq_ignore_ascii_case(name);
    if let Some(added) = table.added.iter().find(|field| is_it(field)) {
        // Bare, a number would be the place of a column after GROUP BY.
        return Some(format!("(SELECT {})", zero(added.column())));
    }
    let (old, new) = table.fields.iter().find(|(_, new)| is_it(new))?;
    let column = Quoted(&old.name).to_string();
    Some(match converts(old, new) {
        true => format!("({})", expression(Shape::of(old), Shape::of(new), &column)),
        false => column,
    })
}

/// Whether this is an expression that ends where it ends, without comments, and reads no other table.
fn is_bounded(sql: &str) -> bool {
    let tokens = cut(sql);
    let (mut depth, mut end) = (0_i32, 0);
    for (at, token) in tokens.iter().enumerate() {
        depth += i32::from(token.is("(")) - i32::from(token.is(")"));
        let reads = token.is_word(&["SELECT", "VALUES", "WITH", "TABLE"])
            || token.is_word(&["IN"]) && !tokens.get(at + 1).is_some_and(|next| next.is("("));
        if depth < 0 || reads || token.is(";") || !sql[end..token.range.start].trim().is_empty() {
            return false;
        }
        end = token.range.end;
    }
    depth == 0 && sql[end..].trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_reads_this_table_alone_is_run() {
        for sql in ["", "a", "lower(a), b COLLATE nocase", "a IN (1, 2) AND b != ''", "a LIKE 'select' -- "] {
            assert_eq!(is_bounded(sql), !sql.contains("--"), "{sql}");
        }
        for sql in [
            "(select 1)",
            "a IN secrets",
            "a) UNION SELECT 1 FROM b",
            "a) OR (b",
            "(a",
            "a /* b",
            "a /* */ = 1",
            "a; b",
        ] {
            assert!(!is_bounded(sql), "{sql}");
        }
    }
}
