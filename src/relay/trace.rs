//! Targets as traces show them.

use super::filling::alike;
use super::knowledge::{Field, Kind};
use super::named::Purpose;
use super::target::Place;
use super::{Head, Relay, Route};
use crate::error::one_line;
use crate::protocol::form;
use crate::protocol::redact::{Redactor, shown_url};
use crate::provider::cut::cut;

/// Longest target that is shown, bytes.
const LONGEST: usize = 4096;

impl Relay {
    /// Whether a query has under this name what the profile calls a secret, or fills in from what a user gives.
    fn is_private(&self, route: &Route<'_>, name: &str) -> bool {
        let says = |fields: &[Field]| {
            let mut fields = fields.iter().filter(|field| matches!(field.kind, Kind::Page | Kind::Secret(_)));
            fields.any(|field| alike(&field.name, name))
        };
        let is_named = match route {
            Route::Named(all) => all.iter().any(|(named, _)| named.purpose != Purpose::Authorize && says(&named.query)),
            Route::Api | Route::Nowhere => says(&self.query),
        };
        is_named || self.knowledge.secrets.iter().any(|secret| alike(secret, name))
    }

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
                let route = self.route(target);
                if let Route::Named(all) = &route {
                    all.iter().flat_map(|(_, written)| written).for_each(|written| redactor.add(written));
                }
                for pair in target.query.unwrap_or_default().split(['&', ';']).filter(|pair| !pair.is_empty()) {
                    let (name, value) = cut(pair, b'=');
                    if self.is_private(&route, &form::decoded(name)) {
                        redactor.add(&form::decoded(value.unwrap_or_default()));
                    }
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
