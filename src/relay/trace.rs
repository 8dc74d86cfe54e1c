//! Targets as traces show them.

use super::target::Place;
use super::{Head, Relay, Route};
use crate::error::one_line;
use crate::protocol::redact::{Redactor, shown_url};

/// Longest target that is shown, bytes.
const LONGEST: usize = 4096;

impl Relay {
    /// What follows the mount, with secrets masked: those that names tell of, the relay's own, what Authorization says, and
    /// what the page has written into a path of the profile.
    pub fn shown(&self, head: &Head<'_>) -> String {
        let mut redactor = Redactor::default();
        self.knowledge.values().for_each(|secret| redactor.add(secret));
        if let Some(authorization) = head.header("authorization") {
            redactor.add(authorization);
            redactor.add(authorization.split_once(' ').map_or("", |(_, credential)| credential.trim()));
        }
        let whole = match self.place(head) {
            Place::Inside(target) => {
                if let Route::Named(all) = self.route(target) {
                    all.iter().flat_map(|(_, written)| written).for_each(|written| redactor.add(written));
                }
                let path = if target.path.is_empty() { "/" } else { target.path };
                match target.query {
                    Some(query) => [path, "?", query].concat(),
                    None => path.to_owned(),
                }
            }
            Place::Outside | Place::Elsewhere => head.target.to_owned(),
        };
        let mut end = LONGEST.min(whole.len());
        while !whole.is_char_boundary(end) {
            end -= 1;
        }
        one_line(&shown_url(whole.get(..end).unwrap_or_default(), &redactor))
    }
}
