//! What a server passes on between pages and a provider, and how: none of the services lets pages of other origins in, and
//! client secrets must not reach a browser.
//!
//! The profile says what there is: its requests are the paths that pass. Everything is decided here, and carried out in
//! JavaScript (`pkg-template/src/relay`): nothing of it waits, knows a clock or sends anything.

mod answer;
mod config;
mod filling;
mod head;
mod headers;
mod knowledge;
mod named;
mod origins;
mod pattern;
mod refusal;
mod route;
mod target;
mod trace;

pub use answer::{answer, wanted_of_answers};
pub use config::RelayConfig;
pub use head::Head;
pub use headers::Headers;
pub use refusal::Refusal;

use crate::error::Result;
use crate::protocol::{form, url};
use crate::provider::cut::cut;
use crate::session::Addresses;
use crate::value::Value;
use filling::{Filled, alike};
use knowledge::{Field, Kind, Knowledge};
use named::{Named, Purpose};
use origins::Standing;
use route::Route;
use target::{Place, Target};

/// How long a browser remembers what a preflight said, seconds.
const PREFLIGHT_AGE: &str = "600";

/// What becomes of a request.
pub struct Verdict {
    /// What to do.
    pub what: What,
    /// What the answer has for browsers in any case.
    pub headers: Headers,
    /// Whether a page's script asks, as its browser says.
    pub is_scripts: bool,
}

/// What to do with a request.
pub enum What {
    /// It is none of the relay's.
    Outside,
    /// It does not pass.
    Refuse(Refusal),
    /// The relay answers it by itself, with these headers and this status.
    Answer(u16, Headers),
    /// It depends on the body.
    Read,
    /// It passes.
    Send(Send),
}

/// A request to the provider.
pub struct Send {
    /// Its method.
    pub method: String,
    /// Its address.
    pub url: String,
    /// Its headers.
    pub headers: Headers,
    /// Its body.
    pub body: Passing,
}

/// A body to the provider.
pub enum Passing {
    /// There is none.
    None,
    /// This.
    Text(String),
    /// The page's as it is.
    Stream,
}

/// A relay of one provider.
pub struct Relay {
    config: RelayConfig,
    named: Vec<Named>,
    /// How calls of the API are presented: what of it is the relay's matter.
    knowledge: Knowledge,
    headers: Vec<Field>,
    query: Vec<Field>,
    authorization: Option<Kind>,
}

impl Relay {
    /// A relay with these options, which are data.
    pub fn new(options: &Value, addresses: &impl Addresses) -> Result<Self> {
        let config = RelayConfig::read(options, addresses)?;
        let named = named::all(&config.client, addresses)?;
        let provider = &config.client.provider;
        let knowledge = Knowledge {
            params: provider.params().into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            secrets: provider.secret_params().into_iter().map(str::to_owned).collect(),
        };
        let present = provider.present();
        let mut headers = knowledge.headers(present.headers(), "present.headers")?;
        let mut authorization = None;
        headers.retain(|Field { name, kind }| {
            let is_authorization = name.eq_ignore_ascii_case("authorization");
            if is_authorization {
                authorization = Some(kind.clone());
            }
            !is_authorization
        });
        if let Some(basic) = present.basic() {
            authorization = Some(knowledge.basic(basic, "present.basic")?);
        }
        let query = knowledge.fields(present.query(), "present.query")?;
        Ok(Self { config, named, knowledge, headers, query, authorization })
    }

    /// Its options.
    pub fn config(&self) -> &RelayConfig {
        &self.config
    }

    /// Names of the headers of requests that it wants to see, in lower case.
    pub fn wanted_headers(&self) -> Vec<String> {
        let mut names: Vec<String> = headers::PASSED.into_iter().chain(headers::JUDGED).map(str::to_owned).collect();
        for field in self.headers.iter().chain(self.named.iter().flat_map(|named| &named.headers)) {
            let name = field.name.to_ascii_lowercase();
            if headers::may_pass(&name) && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// What becomes of a request. `body` is what it has, once it was read.
    pub fn judge(&self, head: &Head<'_>, body: Option<&[u8]>) -> Verdict {
        let is_scripts = head.is_scripts();
        let plain = |what: What| Verdict { what, headers: Headers::new(), is_scripts };
        let listed = self.config.origins.as_deref();
        let target = match self.place(head) {
            Place::Inside(target) => target,
            Place::Outside => return plain(What::Outside),
            Place::Elsewhere => return plain(What::Refuse(Refusal::NotFound)),
        };
        let route = self.route(target);
        let standing = origins::standing(head, listed);
        let mut headers = Headers::new();
        if listed.is_some() {
            headers.push(("Vary".to_owned(), "Origin".to_owned()));
        }
        if let Standing::Listed(origin) = &standing {
            headers.push(("Access-Control-Allow-Origin".to_owned(), origin.clone()));
            let exposed = "Date, Retry-After, WWW-Authenticate, ETag, Content-Disposition, Content-Range";
            headers.push(("Access-Control-Expose-Headers".to_owned(), exposed.to_owned()));
        }
        let is_foreign = standing == Standing::Foreign && !(route.is_authorize() && origins::is_navigation(head));
        let what = if is_foreign {
            What::Refuse(Refusal::OriginNotAllowed)
        } else {
            self.passes(head, target, &route, &standing, body).unwrap_or_else(What::Refuse)
        };
        if matches!(what, What::Refuse(Refusal::MethodNotAllowed)) {
            headers.push(("Allow".to_owned(), route.methods().join(", ")));
        }
        Verdict { what, headers, is_scripts }
    }

    /// Where a target leads. Where origins are listed, Host counts for nothing.
    fn place<'h>(&self, head: &Head<'h>) -> Place<'h> {
        target::read(head.target, &self.config.mount, |origin| match &self.config.origins {
            Some(listed) => listed.iter().any(|known| known == origin),
            None => origin == head.own,
        })
    }

    fn route(&self, target: Target<'_>) -> Route<'_> {
        let Some(decoded) = target.decoded().filter(|_| target.is_written()) else { return Route::Nowhere };
        let is_plain = target.is_plain(&decoded);
        let named: Vec<_> =
            self.named.iter().filter_map(|named| Some((named, named.written(&decoded, is_plain)?))).collect();
        if !named.is_empty() {
            return Route::Named(named);
        }
        let is_api = is_plain && self.config.api.iter().any(|prefix| target::is_below(&decoded, prefix));
        if is_api { Route::Api } else { Route::Nowhere }
    }

    fn passes(
        &self,
        head: &Head<'_>,
        target: Target<'_>,
        route: &Route<'_>,
        standing: &Standing,
        body: Option<&[u8]>,
    ) -> Result<What, Refusal> {
        if matches!(route, Route::Nowhere) {
            return Err(Refusal::NotFound);
        }
        if head.method == "OPTIONS"
            && matches!(standing, Standing::Listed(_))
            && head.header("access-control-request-method").is_some()
        {
            return Ok(What::Answer(204, self.preflight(route)));
        }
        if !route.methods().contains(&head.method) {
            return Err(Refusal::MethodNotAllowed);
        }
        if head.header("upgrade").is_some_and(|protocol| protocol.trim().eq_ignore_ascii_case("websocket")) {
            return Err(Refusal::InvalidRequest);
        }
        let length = head.header("content-length").and_then(|length| length.trim().parse::<i64>().ok());
        if length.is_some_and(|length| length > self.config.max_body) {
            return Err(Refusal::TooLarge);
        }
        let coding = head.header("content-encoding").map(str::trim);
        if coding.is_some_and(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("identity")) {
            return Err(Refusal::UnsupportedType);
        }
        match route {
            Route::Api => Ok(What::Send(self.call(head, target))),
            Route::Named(all) => {
                let fitting: Vec<_> = all.iter().filter(|(named, _)| named.method == head.method).collect();
                self.named(head, target, &fitting, body)
            }
            Route::Nowhere => Err(Refusal::NotFound),
        }
    }

    /// A call of the API, as the page makes it.
    fn call(&self, head: &Head<'_>, target: Target<'_>) -> Send {
        let mut query = String::new();
        for pair in target.query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            // Some servers part pairs by semicolons, too.
            let is_dropped = |part: &str| {
                let name = form::decoded(cut(part, b'=').0);
                let mut own = self.query.iter().filter(|field| matches!(field.kind, Kind::Secret(_)));
                own.any(|field| alike(&field.name, &name))
                    || self.knowledge.secrets.iter().any(|secret| alike(secret, &name))
            };
            if !pair.split(';').any(is_dropped) {
                query.push_str(if query.is_empty() { "" } else { "&" });
                query.push_str(pair);
            }
        }
        let own = self.query.iter().filter_map(|field| match &field.kind {
            Kind::Secret(Some(text)) => Some((field.name.as_str(), text.as_str())),
            _ => None,
        });
        let own = form::encode(&own.collect::<Vec<_>>());
        let address = url::with_query(&url::below(&self.config.api_base, target.path), &query);
        let is_bodiless = matches!(head.method, "GET" | "HEAD");
        Send {
            method: head.method.to_owned(),
            url: url::with_query(&address, &own),
            headers: headers::of_call(head, &self.headers, self.authorization.as_ref()),
            body: if is_bodiless { Passing::None } else { Passing::Stream },
        }
    }

    /// A request that the profile names: the one of those at that path whose fields it has.
    fn named(
        &self,
        head: &Head<'_>,
        target: Target<'_>,
        fitting: &[&(&Named, Vec<String>)],
        body: Option<&[u8]>,
    ) -> Result<What, Refusal> {
        if let Some((named, written)) = fitting.iter().find(|(named, _)| named.purpose == Purpose::Authorize) {
            let location = url::with_query(&named.address(written), &self.open_query(named, target));
            return Ok(What::Answer(
                302,
                vec![("Location".to_owned(), location), ("Cache-Control".to_owned(), "no-store".to_owned())],
            ));
        }
        let typed: Vec<_> = fitting.iter().filter(|(named, _)| head.is_of_type(named)).collect();
        if typed.is_empty() {
            return Err(Refusal::UnsupportedType);
        }
        let is_awaited = !matches!(head.method, "GET" | "HEAD");
        let body = match body {
            Some(body) => body,
            None if is_awaited => return Ok(What::Read),
            None => &[],
        };
        let mut best: Option<(&Named, &[String], Filled)> = None;
        for (named, written) in typed {
            if let Some(filled) = filling::fill(named, target.query, body)
                && best.as_ref().is_none_or(|(_, _, known)| filled.score > known.score)
            {
                best = Some((named, written, filled));
            }
        }
        let (named, written, filled) = best.ok_or(Refusal::InvalidRequest)?;
        Ok(What::Send(Send {
            method: named.method.to_owned(),
            url: url::with_query(&named.address(written), &filled.query),
            headers: headers::of_named(head, named, filled.body.is_some()),
            body: filled.body.map_or(Passing::None, Passing::Text),
        }))
    }

    /// The page's query without secrets, for where the user sees it.
    fn open_query(&self, named: &Named, target: Target<'_>) -> String {
        let is_dropped = |name: &str| {
            let is_own =
                named.query.iter().any(|field| matches!(field.kind, Kind::Secret(_)) && alike(&field.name, name));
            is_own || self.knowledge.secrets.iter().any(|secret| alike(secret, name))
        };
        let pairs = target.query.unwrap_or_default().split('&');
        let kept: Vec<&str> = pairs
            .filter(|pair| {
                !pair.is_empty() && !pair.split(';').any(|part| is_dropped(&form::decoded(cut(part, b'=').0)))
            })
            .collect();
        kept.join("&")
    }

    /// What a page of another origin may send.
    fn preflight(&self, route: &Route<'_>) -> Headers {
        let mut names: Vec<String> = headers::PASSED.into_iter().map(str::to_owned).collect();
        names.extend(
            self.wanted_headers()
                .into_iter()
                .filter(|name| !headers::PASSED.contains(&name.as_str()) && !headers::JUDGED.contains(&name.as_str())),
        );
        [
            ("Access-Control-Allow-Methods", route.methods().join(", ")),
            ("Access-Control-Allow-Headers", names.join(", ")),
            ("Access-Control-Max-Age", PREFLIGHT_AGE.to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }
}

#[cfg(test)]
mod tests;
