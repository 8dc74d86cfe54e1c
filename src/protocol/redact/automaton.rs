//! Finds many texts in one, in time that grows with the two and not with their product (Aho and Corasick).

use zeroize::Zeroize;

use crate::protocol::steps::step;

/// The root, where nothing has been matched.
pub(super) const START: u32 = 0;

/// A tree of all texts that are looked for; each node is what has been read of one or more of them.
#[derive(Default)]
pub(super) struct Automaton {
    nodes: Vec<Node>,
    /// The byte that leads to each node. Kept apart from the nodes, so that it can be wiped.
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, Default)]
struct Node {
    first_child: u32,
    next_sibling: u32,
    /// The longest end of what has been read that is the start of a text, too.
    fallback: u32,
    /// Length of the longest text that ends here.
    longest: u32,
}

impl Automaton {
    /// Texts are compared as they are given: what counts as equal is the caller's matter.
    pub(super) fn new(texts: &[Vec<u8>]) -> Self {
        // All at once: what grows leaves copies behind.
        let mut automaton =
            Self { nodes: Vec::new(), bytes: Vec::with_capacity(texts.iter().map(Vec::len).sum::<usize>() + 1) };
        automaton.nodes.push(Node::default());
        automaton.bytes.push(0);
        for text in texts {
            automaton.insert(text);
        }
        automaton.link();
        automaton
    }

    fn insert(&mut self, text: &[u8]) {
        let mut at = START;
        for byte in text {
            step();
            at = self.child(at, *byte).unwrap_or_else(|| self.add(at, *byte));
        }
        if let Some(node) = self.nodes.get_mut(index(at)) {
            node.longest = u32::try_from(text.len()).unwrap_or(u32::MAX);
        }
    }

    fn add(&mut self, parent: u32, byte: u8) -> u32 {
        let new = u32::try_from(self.nodes.len()).unwrap_or(START);
        let next_sibling = self.node(parent).first_child;
        if let Some(parent) = self.nodes.get_mut(index(parent)) {
            parent.first_child = new;
        }
        self.nodes.push(Node { next_sibling, ..Node::default() });
        self.bytes.push(byte);
        new
    }

    /// Finds every node's fallback, the nearer ones to the root first.
    fn link(&mut self) {
        let mut queue = vec![START];
        let mut done = 0;
        while let Some(&parent) = queue.get(done) {
            done += 1;
            let mut child = self.node(parent).first_child;
            while child != START {
                step();
                let byte = self.bytes.get(index(child)).copied().unwrap_or_default();
                let fallback = if parent == START { START } else { self.next(self.node(parent).fallback, byte) };
                let inherited = self.node(fallback).longest;
                if let Some(node) = self.nodes.get_mut(index(child)) {
                    node.fallback = fallback;
                    node.longest = node.longest.max(inherited);
                }
                queue.push(child);
                child = self.node(child).next_sibling;
            }
        }
    }

    /// Where another byte leads.
    pub(super) fn next(&self, mut at: u32, byte: u8) -> u32 {
        loop {
            step();
            match self.child(at, byte) {
                Some(child) => return child,
                None if at == START => return START,
                None => at = self.node(at).fallback,
            }
        }
    }

    /// Length of the longest text that ends here; 0 where none does.
    pub(super) fn longest(&self, at: u32) -> usize {
        index(self.node(at).longest)
    }

    fn child(&self, at: u32, byte: u8) -> Option<u32> {
        let mut child = self.node(at).first_child;
        while child != START {
            if self.bytes.get(index(child)) == Some(&byte) {
                return Some(child);
            }
            child = self.node(child).next_sibling;
        }
        None
    }

    fn node(&self, at: u32) -> Node {
        self.nodes.get(index(at)).copied().unwrap_or_default()
    }
}

impl Drop for Automaton {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

fn index(at: u32) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_knows_at_each_place_the_longest_text_that_ends_there(
            texts in prop::collection::vec("[ab]{1,5}|[a-d]{1,3}", 0..6),
            text in "[a-d]{0,40}",
        ) {
            let bytes: Vec<Vec<u8>> = texts.iter().map(|text| text.clone().into_bytes()).collect();
            let automaton = Automaton::new(&bytes);
            let mut at = START;
            for (end, byte) in text.bytes().enumerate() {
                at = automaton.next(at, byte);
                let read = &text[..=end];
                let longest = texts.iter().filter(|text| read.ends_with(text.as_str())).map(String::len).max();
                prop_assert_eq!(automaton.longest(at), longest.unwrap_or(0), "{}", read);
            }
        }
    }
}
