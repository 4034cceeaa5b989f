//! New names for several things at once, whatever names they trade.

/// Names that change hands together: the pairs, and the single renamings in their order.
pub(super) struct Renames<'a> {
    pub(super) pairs: Vec<(&'a str, &'a str)>,
    pub(super) moves: Vec<(String, String)>,
}

/// Each pair by itself; or, if one wants a name that another still has, all together by way of names
/// that nothing can have. Names are the same whatever their case.
pub(super) fn arrange<'a>(pairs: Vec<(&'a str, &'a str)>) -> Vec<Renames<'a>> {
    let is_taken = |to: &&str| pairs.iter().any(|(from, _)| from.to_lowercase() == to.to_lowercase());
    if !pairs.iter().any(|(_, to)| is_taken(to)) {
        let alone = |(from, to): (&'a str, &'a str)| Renames {
            pairs: vec![(from, to)],
            moves: vec![(from.to_owned(), to.to_owned())],
        };
        return pairs.into_iter().map(alone).collect();
    }
    let away = pairs.iter().map(|(from, _)| ((*from).to_owned(), format!("{from}~")));
    let back = pairs.iter().map(|(from, to)| (format!("{from}~"), (*to).to_owned()));
    let moves = away.chain(back).collect();
    vec![Renames { pairs, moves }]
}

impl Renames<'_> {
    /// The statements there and back, of `sql(from, to)`.
    pub(super) fn statements(&self, sql: impl Fn(&str, &str) -> String) -> (Vec<String>, Vec<String>) {
        let up = self.moves.iter().map(|(from, to)| sql(from, to)).collect();
        let down = self.moves.iter().rev().map(|(from, to)| sql(to, from)).collect();
        (up, down)
    }

    /// As in `a to b, b to a`.
    pub(super) fn words(&self) -> String {
        let words: Vec<String> = self.pairs.iter().map(|(from, to)| format!("{from} to {to}")).collect();
        words.join(", ")
    }
}
