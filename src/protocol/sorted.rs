//! Members in the order of their keys, so that equal ones stand side by side.

use super::steps::step;

/// A key, and where it came among the others.
type Key<'k> = (&'k str, usize);

/// Sorts keys: comparing each with each lets a small body cost seconds. A heap is the least code that sorts. Of equal keys the
/// one that came first stays first.
pub(super) fn sorted<'k>(keys: impl Iterator<Item = &'k str>) -> Vec<Key<'k>> {
    let mut keys: Vec<Key<'k>> = keys.zip(0..).collect();
    sort(&mut keys);
    keys
}

#[inline(never)]
fn sort(keys: &mut [Key<'_>]) {
    for at in (0..keys.len() / 2).rev() {
        sift_down(keys, at, keys.len());
    }
    for end in (1..keys.len()).rev() {
        // The greatest of those before `end` goes there.
        keys.swap(0, end);
        sift_down(keys, 0, end);
    }
}

/// Brings a key below those that are greater; each stands above the two at twice its place.
fn sift_down(keys: &mut [Key<'_>], mut at: usize, end: usize) {
    loop {
        let mut child = at * 2 + 1;
        if child + 1 < end && is_less(keys, child, child + 1) {
            child += 1;
        }
        if child >= end || !is_less(keys, at, child) {
            return;
        }
        keys.swap(at, child);
        at = child;
    }
}

fn is_less(keys: &[Key<'_>], one: usize, other: usize) -> bool {
    step();
    keys.get(one) < keys.get(other)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::sorted;

    #[test]
    fn keys_come_in_order_and_equal_ones_as_they_came() {
        let keys = ["b", "a", "", "b", "aa", "b"];
        assert_eq!(sorted(keys.into_iter()), [("", 2), ("a", 1), ("aa", 4), ("b", 0), ("b", 3), ("b", 5)]);
    }

    proptest! {
        #[test]
        fn any_number_of_keys_comes_in_order(keys in prop::collection::vec("[ab]{0,3}|[a-zя]{0,5}", 0..40)) {
            let mut expected: Vec<_> = keys.iter().map(String::as_str).zip(0..).collect();
            expected.sort();
            prop_assert_eq!(sorted(keys.iter().map(String::as_str)), expected);
        }
    }
}
