//! The posts of the benchmark, the same on every server and in every run.

use serde_json::{Value, json};

use super::numbers::Numbers;

/// The collection that is read.
pub(crate) const POSTS: &str = "bench_posts";
/// The collection that grows; as long as it is apart, inserting does not change what reading costs.
pub(crate) const ENTRIES: &str = "bench_entries";

/// Records in [`POSTS`].
pub(crate) const POSTS_COUNT: usize = 10_000;
/// Records on a page of the list.
pub(crate) const PER_PAGE: usize = 30;
/// The pages that are asked for in turn.
pub(crate) const PAGES: usize = 10;

const TITLE_WORDS: usize = 5;
const BODY_WORDS: usize = 28;

/// The posts, in the order in which they are stored.
pub(crate) struct Data {
    posts: Vec<Value>,
}

impl Data {
    /// Makes the posts: about 300 bytes each, with ranks from 0 in another order than they are stored.
    pub(crate) fn generate() -> Self {
        let mut numbers = Numbers::seeded(0x5EED);
        let mut ranks = (0..POSTS_COUNT).collect::<Vec<_>>();
        for at in (1..ranks.len()).rev() {
            ranks.swap(at, numbers.below(at + 1));
        }
        let posts = ranks.into_iter().enumerate().map(|(at, rank)| {
            let mut post = post(&mut numbers, rank);
            post["id"] = json!(format!("post{at:011}"));
            post
        });
        Self { posts: posts.collect() }
    }

    pub(crate) fn posts(&self) -> &[Value] {
        &self.posts
    }
}

/// The path of the post stored at this place.
pub(crate) fn view_path(at: usize) -> String {
    format!("/api/collections/{POSTS}/records/post{at:011}")
}

/// The path of a page of posts, by an indexed column.
pub(crate) fn list_path(page: usize) -> String {
    format!("/api/collections/{POSTS}/records?page={page}&perPage={PER_PAGE}&sort=-rank")
}

/// The definition of a collection that anybody may read and write.
pub(crate) fn definition(name: &str) -> Value {
    json!({
        "name": name,
        "type": "base",
        "fields": [
            {"type": "text", "name": "title"},
            {"type": "text", "name": "body"},
            {"type": "number", "name": "rank"},
            {"type": "bool", "name": "published"},
            {"type": "json", "name": "tags"},
            {"type": "autodate", "name": "created", "onCreate": true},
            {"type": "autodate", "name": "updated", "onCreate": true, "onUpdate": true},
        ],
        "indexes": [format!("CREATE INDEX `idx_{name}_rank` ON `{name}` (`rank`)")],
        "listRule": "", "viewRule": "", "createRule": "", "updateRule": "", "deleteRule": "",
    })
}

/// A post of about 300 bytes.
pub(crate) fn post(numbers: &mut Numbers, rank: usize) -> Value {
    json!({
        "title": numbers.words(TITLE_WORDS),
        "body": numbers.words(BODY_WORDS),
        "rank": rank,
        "published": rank.is_multiple_of(3),
        "tags": [numbers.words(1), numbers.words(1)],
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_run_has_the_same_posts_of_about_300_bytes() {
        let data = Data::generate();
        assert_eq!(data.posts(), Data::generate().posts());
        let bytes =
            data.posts().iter().map(|post| post.to_string().len()).sum::<usize>() / data.posts().len();
        assert!((280..=360).contains(&bytes), "{bytes} bytes");
    }

    #[test]
    fn ids_and_ranks_are_unique() {
        let data = Data::generate();
        let unique = |field: &str| {
            data.posts().iter().map(|post| post[field].to_string()).collect::<HashSet<_>>().len()
        };
        assert_eq!((unique("id"), unique("rank")), (POSTS_COUNT, POSTS_COUNT));
        assert_eq!(data.posts()[0]["id"].as_str().map(str::len), Some(15));
    }
}
