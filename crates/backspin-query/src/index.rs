//! What the `CREATE INDEX` statements of a collection say about its columns.

use backspin_schema::Collection;

/// The columns of one index, in order.
#[derive(Debug, PartialEq)]
pub(crate) struct IndexColumns {
    pub(crate) columns: Vec<String>,
    pub(crate) unique: bool,
    /// Whether it leaves rows out, by a `WHERE`.
    pub(crate) partial: bool,
}

impl IndexColumns {
    pub(crate) fn of(collection: &Collection) -> impl Iterator<Item = Self> {
        collection.indexes.iter().filter_map(|statement| Self::parse(statement))
    }

    pub(crate) fn leads_with(&self, column: &str) -> bool {
        !self.partial && self.columns.first().is_some_and(|first| first == column)
    }

    /// Whether no two rows can have the same value in this column.
    pub(crate) fn makes_unique(&self, column: &str) -> bool {
        self.unique && self.columns.len() == 1 && self.leads_with(column)
    }

    /// Reads `CREATE [UNIQUE] INDEX name ON table (columns) [WHERE …]`. Columns that are expressions
    /// keep their text and so match no field.
    fn parse(statement: &str) -> Option<Self> {
        let (head, rest) = statement.split_once('(')?;
        let (columns, tail) = rest.rsplit_once(')').map(|(inside, tail)| match inside.split_once(')') {
            // Parentheses of a WHERE.
            Some((columns, inner)) if !columns.contains('(') => (columns, inner),
            _ => (inside, tail),
        })?;
        let name = |column: &str| {
            let column = column.trim();
            let end = match column.chars().next()? {
                '[' => column.find(']')?,
                quote @ ('"' | '`' | '\'') => column[1..].find(quote)? + 1,
                _ => return column.split_whitespace().next().map(str::to_owned),
            };
            Some(column[1..end].to_owned())
        };
        Some(Self {
            unique: head.split_whitespace().any(|word| word.eq_ignore_ascii_case("unique")),
            columns: columns.split(',').filter_map(name).collect(),
            partial: !tail.trim().trim_end_matches(';').is_empty(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::IndexColumns;

    #[test]
    fn statements_are_read_in_every_quoting() {
        let read = |statement: &str| {
            let index = IndexColumns::parse(statement).expect("an index");
            (index.unique, index.columns.join("+"), index.partial)
        };
        let of = |unique, columns: &str, partial| (unique, columns.to_owned(), partial);
        assert_eq!(read("CREATE UNIQUE INDEX `i` ON `t` (`a`)"), of(true, "a", false));
        assert_eq!(read("create index i on t (a, \"b c\" DESC)"), of(false, "a+b c", false));
        assert_eq!(read("CREATE UNIQUE INDEX i ON t ([a] COLLATE NOCASE);"), of(true, "a", false));
        assert_eq!(read("CREATE UNIQUE INDEX i ON t (`a`) WHERE `a` != ''"), of(true, "a", true));
        assert_eq!(read("CREATE INDEX i ON t (a) WHERE (a > (1))"), of(false, "a", true));
    }
}
