//! What a page gets of a provider's answer.

use super::headers::{self, Headers};
use super::refusal::Refusal;
use crate::protocol::challenge;

/// What hosts unpack by themselves.
const CODINGS: [&str; 5] = ["identity", "gzip", "x-gzip", "deflate", "br"];

/// Schemes for which browsers ask the user for a password in a window of their own, which says nothing of the provider and
/// holds the request back until the user has answered it.
const PROMPTING: [&str; 4] = ["basic", "digest", "negotiate", "ntlm"];

/// Names of the headers that are wanted, in lower case.
pub fn wanted_of_answers() -> Vec<&'static str> {
    headers::ANSWERED.into_iter().chain(["content-encoding"]).collect()
}

/// The headers of a provider's answer as the page gets them; none for an answer that is not passed on. `is_scripts` is what
/// the verdict has said of the request.
pub fn answer(status: u16, given: &[(String, String)], is_scripts: bool) -> Result<Headers, Refusal> {
    let is_redirect = (300..400).contains(&status) && status != 304;
    // What the host has not unpacked, no page can read.
    let coding = given.iter().find(|(name, _)| name == "content-encoding").map_or("", |(_, value)| value.trim());
    let is_packed = !coding.is_empty()
        && !coding.split(',').all(|each| CODINGS.iter().any(|known| each.trim().eq_ignore_ascii_case(known)));
    if is_redirect || is_packed || !(200..600).contains(&status) {
        return Err(Refusal::BadGateway);
    }
    let mut headers = headers::of_answer(status, given);
    if is_scripts && status == 401 {
        let silent = |value: String| challenge::without(&value, &PROMPTING);
        headers = headers
            .into_iter()
            .filter_map(|(name, value)| {
                let value = if name == "www-authenticate" { silent(value)? } else { value };
                Some((name, value))
            })
            .collect();
    }
    Ok(headers)
}
