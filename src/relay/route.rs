//! Where a path leads, and by which methods.

use super::named::{Named, Purpose};

/// Methods of calls of the API.
const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// Where a path leads.
pub(super) enum Route<'r> {
    /// To requests of the profile, with what stands in the places of their paths.
    Named(Vec<(&'r Named, Vec<String>)>),
    Api,
    Nowhere,
}

impl Route<'_> {
    pub(super) fn is_authorize(&self) -> bool {
        matches!(self, Self::Named(all) if all.iter().any(|(named, _)| named.purpose == Purpose::Authorize))
    }

    pub(super) fn methods(&self) -> Vec<&'static str> {
        match self {
            Self::Api => METHODS.into(),
            Self::Nowhere => Vec::new(),
            Self::Named(all) => {
                let mut methods = Vec::new();
                for (named, _) in all {
                    if !methods.contains(&named.method) {
                        methods.push(named.method);
                    }
                }
                methods
            }
        }
    }
}
