//! Members in the order of their keys, so that equal ones stand side by side.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::steps::step;

/// Sorts keys: comparing each with each lets a small body cost seconds. A heap is the least code that sorts. Of equal keys the
/// one that came first stays first.
pub(super) fn sorted<'k>(keys: impl Iterator<Item = &'k str>) -> Vec<(&'k str, usize)> {
    let keys: BinaryHeap<Key<'k>> = keys.zip(0..).map(|(key, at)| Key { key, at }).collect();
    keys.into_sorted_vec().into_iter().map(|Key { key, at }| (key, at)).collect()
}

#[derive(PartialEq, Eq)]
struct Key<'k> {
    key: &'k str,
    at: usize,
}

impl Ord for Key<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        step();
        self.key.cmp(other.key).then(self.at.cmp(&other.at))
    }
}

impl PartialOrd for Key<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::sorted;

    #[test]
    fn keys_come_in_order_and_equal_ones_as_they_came() {
        let keys = ["b", "a", "", "b", "aa", "b"];
        assert_eq!(sorted(keys.into_iter()), [("", 2), ("a", 1), ("aa", 4), ("b", 0), ("b", 3), ("b", 5)]);
    }
}
