//! Where the credential may go.

use super::Session;
use crate::error::{AuthError, Code};
use crate::protocol::url::{Url, has_query_or_fragment, without_slashes};

impl Session {
    /// Where relative addresses of calls start.
    pub fn api_base(&self) -> &str {
        self.tokens().and_then(|tokens| tokens.api_base.as_deref()).unwrap_or(&self.config.base_url)
    }

    /// Where the credential may go: the base URL's origin, the API base's, and those that the caller allows.
    pub fn origins(&self) -> Vec<String> {
        let own = [self.config.base_url.as_str(), self.api_base()];
        let mut origins: Vec<String> = own.iter().filter_map(|base| Some(Url::split(base)?.origin())).collect();
        origins.extend(self.config.allowed_origins.iter().cloned());
        origins.dedup();
        origins
    }

    /// An API base that an answer names, if it may be used.
    pub(super) fn accepted_base(&mut self, named: Option<String>) -> Option<String> {
        let href = self.addresses.href(&named?, None)?;
        let url = Url::split(&href)?;
        if !url.is_http() || url.has_userinfo() || has_query_or_fragment(&href) {
            return None;
        }
        if url.is_insecure() && !self.config.allow_insecure {
            self.warn(
                AuthError::new(Code::InsecureUrl, "the answer names an http: address for calls; it is not used")
                    .hint("Set `allowInsecure: true` for a network that you trust."),
            );
            return None;
        }
        let origin = url.origin();
        let is_own = Url::split(&self.config.base_url).is_some_and(|base| base.origin() == origin);
        let trusted = !self.config.base_is_callers || is_own || self.config.allowed_origins.contains(&origin);
        trusted.then(|| without_slashes(href))
    }
}
