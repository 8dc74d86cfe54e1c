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
    let part = |name: &str| profile.get(name).unwrap_or(&Value::Null);
    let inferred = inferred(profile);
    let params = part("params").members().iter().map(|(name, _)| name.as_str());
    let optional = part("optionalParams").items().iter().filter_map(Value::as_str);
    params.chain(optional).filter(|name| !inferred.contains(name)).collect()
}

/// Names whose value follows from the look of a credential.
fn inferred(profile: &Value) -> Vec<&str> {
    let rules = profile.get("infer").map_or(&[][..], Value::items).iter();
    let params = rules.flat_map(|rule| rule.get("params").map_or(&[][..], Value::members));
    params.map(|(name, _)| name.as_str()).collect()
}

/// Names that are the profile's and the options' own: no credential and no answer decides their value.
pub(super) fn params(profile: &Value) -> Vec<&str> {
    let mut names = fixed(profile);
    names.extend(inferred(profile));
    names
}

/// Every name that can have a value at that place of the profile.
pub(super) fn at(place: Place, profile: &Value) -> Vec<&str> {
    let login = profile.get("login").and_then(|login| login.member_text("kind"));
    let credentials = profile.get("credentials").map_or(&[][..], Value::items);
    let mut names = Vec::new();
    let is_given = match place {
        Place::Login | Place::SecondFactor => true,
        Place::Authorize | Place::Exchange => false,
        // Credentials stay with the session only where they are the credential of calls.
        Place::Renew | Place::Revoke | Place::Check | Place::Present => login == Some("direct"),
    };
    if is_given {
        names.extend(credentials.iter().filter_map(Value::as_str));
    }
    // With several direct credentials there is no token.
    let has_token = login != Some("direct") || credentials.len() == 1;
    let has_renewal = login != Some("direct");
    let engine = pieces(place.engine_names(), b' ');
    names.extend(engine.filter(|name| match *name {
        "access_token" => has_token,
        "refresh_token" => has_renewal,
        _ => true,
    }));
    if login == Some("redirect") {
        names.push("redirect_uri");
    }
    names.extend(params(profile));
    names
}
