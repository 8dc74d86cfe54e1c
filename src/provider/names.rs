//! Which placeholders can have a value where.

use super::cut::pieces;
use crate::value::Value;

/// A part of a profile whose templates are filled in at one moment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The request that logs in.
    Login,
    /// The request of the second step.
    SecondFactor,
    /// The address that the user is sent to.
    Authorize,
    /// The request that turns a code into a token.
    Exchange,
    /// The renewal.
    Renew,
    /// The revocation.
    Revoke,
    /// The question who a credential belongs to.
    Check,
    /// The calls of the API.
    Present,
}

impl Place {
    /// What only the engine knows there, separated by blanks.
    const fn engine_names(self) -> &'static str {
        match self {
            Self::Login => "now uuid",
            Self::SecondFactor => "second_factor now uuid",
            Self::Authorize => "state code_challenge now uuid",
            Self::Exchange => "code code_verifier state now uuid",
            Self::Renew | Self::Revoke | Self::Check | Self::Present => "access_token refresh_token now uuid",
        }
    }
}

/// Names that have the value of the options or the profile, or none.
pub(super) fn fixed(profile: &Value) -> Vec<&str> {
    let inferred = inferred(profile);
    let mut names = Vec::new();
    for (name, _) in profile.member_members("params") {
        names.push(name.as_str());
    }
    push_texts(profile.member_items("optionalParams"), &mut names);
    names.retain(|name| !inferred.contains(name));
    names
}

/// Names whose value follows from the look of a credential.
fn inferred(profile: &Value) -> Vec<&str> {
    let mut names = Vec::new();
    for rule in profile.member_items("infer") {
        for (name, _) in rule.member_members("params") {
            names.push(name.as_str());
        }
    }
    names
}

fn push_texts<'v>(items: &'v [Value], names: &mut Vec<&'v str>) {
    for item in items {
        if let Some(name) = item.as_str() {
            names.push(name);
        }
    }
}

/// Names that are the profile's and the options' own: no credential and no answer decides their value.
pub(super) fn params(profile: &Value) -> Vec<&str> {
    let mut names = fixed(profile);
    names.append(&mut inferred(profile));
    names
}

/// Every name that can have a value at that place of the profile.
pub(super) fn at(place: Place, profile: &Value) -> Vec<&str> {
    let login = profile.get("login").and_then(|login| login.member_text("kind"));
    let is_direct = login == Some("direct");
    let credentials = profile.member_items("credentials");
    let mut names = Vec::new();
    let is_given = match place {
        Place::Login | Place::SecondFactor => true,
        Place::Authorize | Place::Exchange => false,
        // Credentials stay with the session only where they are the credential of calls.
        Place::Renew | Place::Revoke | Place::Check | Place::Present => is_direct,
    };
    if is_given {
        push_texts(credentials, &mut names);
    }
    for name in pieces(place.engine_names(), b' ') {
        let has_value = match name {
            // With several direct credentials there is no token.
            "access_token" => !is_direct || credentials.len() == 1,
            "refresh_token" => !is_direct,
            _ => true,
        };
        if has_value {
            names.push(name);
        }
    }
    if login == Some("redirect") {
        names.push("redirect_uri");
    }
    names.append(&mut params(profile));
    names
}
