//! What is compiled from a schema and kept until the schema changes.

use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use backspin_core::Result;

/// Results of one type, by the shape of the request that needed them.
type Entries = HashMap<String, Rc<dyn Any>>;

/// Keeps up to [`Memo::ENTRIES_MAX`] results of each type.
#[derive(Default)]
pub struct Memo(RefCell<HashMap<TypeId, Entries>>);

impl Memo {
    pub const ENTRIES_MAX: usize = 512;

    /// The `T` made for `key` before, or a new one.
    pub fn get_or_make<T: 'static>(&self, key: &str, make: impl FnOnce() -> Result<T>) -> Result<Rc<T>> {
        if let Some(found) = self.find(key) {
            return Ok(found);
        }
        let made = Rc::new(make()?);
        let mut types = self.0.borrow_mut();
        let entries = types.entry(TypeId::of::<T>()).or_default();
        if entries.len() >= Self::ENTRIES_MAX {
            entries.clear();
        }
        entries.insert(key.to_owned(), made.clone());
        Ok(made)
    }

    /// The `T` made for `key` before.
    pub fn find<T: 'static>(&self, key: &str) -> Option<Rc<T>> {
        self.0.borrow().get(&TypeId::of::<T>())?.get(key)?.clone().downcast().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use backspin_core::Error;

    #[test]
    fn makes_each_result_once_and_keeps_no_failure() {
        let memo = Memo::default();
        assert!(memo.get_or_make::<u8>("a", || Err(Error::not_found())).is_err());
        assert_eq!(*memo.get_or_make("a", || Ok(1_u8)).unwrap(), 1);
        assert_eq!(*memo.get_or_make("a", || Ok(2_u8)).unwrap(), 1);
        assert_eq!(*memo.get_or_make("a", || Ok(3_u16)).unwrap(), 3);
    }

    #[test]
    fn a_flood_of_shapes_does_not_grow_it_without_end() {
        let memo = Memo::default();
        for key in 0..10 * Memo::ENTRIES_MAX {
            memo.get_or_make(&key.to_string(), || Ok(key)).unwrap();
        }
        assert!(memo.0.borrow()[&TypeId::of::<usize>()].len() <= Memo::ENTRIES_MAX);
    }
}
