//! A provider is data: what to send, how to read the answer, how to show the credential.

pub mod builtin;
pub mod condition;
pub(crate) mod fields;
mod formats;
pub mod path;
mod profile;
pub mod template;

use crate::error::Code;
pub use condition::Condition;
pub use formats::Format;
pub use path::Path;
pub use profile::read as read_profile;
pub use template::{Scope, Template};

/// A named list of templates: headers, query or body fields, in the order they are sent.
pub type Fields = Vec<(String, Template)>;

/// Everything that tells one provider from another. Its JSON form is the contract's `ProviderProfile`.
#[derive(Clone, Default)]
pub struct Provider {
    /// Name in errors, traces and stored records.
    pub id: String,
    /// Where relative addresses start; empty when the caller must say.
    pub base_url: String,
    /// Path that a relative address without a path of its own means, for providers with one API address.
    pub endpoint: Option<String>,
    /// Values of placeholders.
    pub params: Vec<(String, String)>,
    /// What `login` must be given.
    pub credentials: Vec<Credential>,
    /// Params that the look of a credential decides.
    pub infer: Vec<Inference>,
    /// The way in.
    pub login: Login,
    /// The second step of a login, where there is one.
    pub second_factor: Option<SecondFactor>,
    /// Renewal by refresh token.
    pub renew: Option<RequestTemplate>,
    /// Revocation at logout.
    pub revoke: Option<RequestTemplate>,
    /// Who the credential belongs to.
    pub check: Option<Check>,
    /// How a token answer is read.
    pub answer: AnswerShape,
    /// How a refusal is read.
    pub problem: ProblemShape,
    /// How the credential goes with calls.
    pub present: Presentation,
}

/// One field that `login` takes.
#[derive(Clone)]
pub struct Credential {
    /// Its name.
    pub name: String,
    /// How it must look, where that is known.
    pub format: Option<Format>,
}

/// Sets params when a credential looks like `<digits><digits_then>...`; a caller's own param wins.
#[derive(Clone)]
pub struct Inference {
    /// The credential looked at.
    pub credential: String,
    /// What follows its leading digits.
    pub digits_then: String,
    /// What to set.
    pub params: Vec<(String, String)>,
}

/// The way in.
#[derive(Clone, Default)]
pub enum Login {
    /// Credentials are sent, a token comes back.
    Request(RequestTemplate),
    /// The credentials themselves go with every call.
    #[default]
    Direct,
    /// Authorization code: the user goes to the provider and comes back.
    Redirect {
        /// Where the user is sent.
        authorize: AuthorizeTemplate,
        /// Turns the code into a token.
        exchange: RequestTemplate,
    },
}

/// The address that the user is sent to.
#[derive(Clone)]
pub struct AuthorizeTemplate {
    /// Address of the authorization endpoint.
    pub url: Template,
    /// Its query.
    pub query: Fields,
    /// Whether an S256 challenge goes along (RFC 7636).
    pub pkce: bool,
    /// Whether the provider returns `state`.
    pub echoes_state: bool,
    /// Expected `iss` of the callback (RFC 9207).
    pub issuer: Option<String>,
    /// Milliseconds from the redirect to its callback.
    pub lifetime: i64,
}

/// The second step of a login.
#[derive(Clone)]
pub struct SecondFactor {
    /// Any of them means "a code is needed".
    pub when: Vec<Condition>,
    /// What `confirm` sends.
    pub request: RequestTemplate,
}

/// A question about the credential.
#[derive(Clone)]
pub struct Check {
    /// What is sent.
    pub request: RequestTemplate,
    /// Where the owner stands in the answer.
    pub subject: Path,
    /// Whether the owner must be text.
    pub text_only: bool,
}

/// A request to be filled in.
#[derive(Clone, Default)]
pub struct RequestTemplate {
    /// GET, POST, PUT or DELETE.
    pub method: &'static str,
    /// Below the base URL, or absolute.
    pub url: Template,
    /// Its query.
    pub query: Fields,
    /// Its headers.
    pub headers: Fields,
    /// Its body.
    pub body: Body,
    /// HTTP Basic.
    pub basic: Option<Basic>,
}

/// A body to be filled in.
#[derive(Clone, Default)]
pub enum Body {
    /// None.
    #[default]
    Empty,
    /// application/x-www-form-urlencoded.
    Form(Fields),
    /// A flat JSON object of texts.
    Json(Fields),
}

/// HTTP Basic from two values (RFC 7617).
#[derive(Clone)]
pub struct Basic {
    /// User name; a colon in it is refused.
    pub username: Template,
    /// Password.
    pub password: Template,
    /// What happens to the two.
    pub encode: BasicEncoding,
}

/// How the two values of HTTP Basic are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum BasicEncoding {
    /// `base64(user:password)`.
    None,
    /// Both form-encoded first (RFC 6749 section 2.3.1).
    Form,
    /// `user:password` as it is, ASCII only.
    Plain,
}

/// Which reader an answer wants.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum AnswerFormat {
    /// By Content-Type, then by look.
    #[default]
    Auto,
    /// JSON.
    Json,
    /// XML.
    Xml,
    /// The trimmed body is the token.
    Text,
}

/// How a token answer is read.
#[derive(Clone, Default)]
pub struct AnswerShape {
    /// Which reader.
    pub format: AnswerFormat,
    /// The access token.
    pub access_token: Path,
    /// The refresh token.
    pub refresh_token: Path,
    /// The token type.
    pub token_type: Path,
    /// The granted scope.
    pub scope: Path,
    /// The user's id.
    pub subject: Option<Path>,
    /// Where later calls go.
    pub api_base: Option<Path>,
    /// How long the token lives.
    pub expires: Expires,
    /// What must hold besides.
    pub require: Vec<Condition>,
    /// Whether bodies as vendors print them are read too.
    pub lenient: bool,
    /// Root element of an XML answer.
    pub root: String,
}

/// Where the lifetime of a token stands.
#[derive(Clone, Default)]
pub enum Expires {
    /// Seconds from the moment the request was sent.
    In(Path),
    /// A moment.
    At(Path, MomentUnit),
    /// A fixed life, in milliseconds.
    After(i64),
    /// Never.
    #[default]
    Never,
}

/// How a moment is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum MomentUnit {
    /// Seconds since the Unix epoch.
    Seconds,
    /// Milliseconds since the Unix epoch.
    Milliseconds,
    /// ISO 8601; without a zone, UTC.
    Iso8601,
}

/// How a refusal is read.
#[derive(Clone, Default)]
pub struct ProblemShape {
    /// Where the provider's code stands.
    pub code: Vec<Path>,
    /// Where it stands in an answer that says 2xx: a member called `code` alone proves nothing there.
    pub code_despite_success: Vec<Path>,
    /// Where its text stands.
    pub message: Vec<Path>,
    /// The provider's code, or `status:NNN`, to ours.
    pub map: Vec<(String, Code)>,
}

/// How the credential goes with calls.
#[derive(Clone, Default)]
pub struct Presentation {
    /// Headers.
    pub headers: Fields,
    /// Query.
    pub query: Fields,
    /// HTTP Basic.
    pub basic: Option<Basic>,
    /// Statuses that mean "the token has expired".
    pub expired: Vec<u16>,
    /// Whether a call without a session goes out without a credential.
    pub optional: bool,
}

/// Placeholders that the engine fills in, besides credentials and params.
pub const ENGINE_NAMES: [&str; 9] = [
    "access_token",
    "refresh_token",
    "code",
    "redirect_uri",
    "state",
    "code_verifier",
    "code_challenge",
    "second_factor",
    "now",
];

impl Provider {
    /// Whether there is a token to hand out: with several direct credentials there is none.
    pub fn has_token(&self) -> bool {
        !matches!(self.login, Login::Direct) || self.credentials.len() == 1
    }

    /// The param of that name.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Sets a param, over what was there.
    pub fn set_param(&mut self, name: &str, value: &str) {
        match self.params.iter_mut().find(|(known, _)| known == name) {
            Some((_, slot)) => value.clone_into(slot),
            None => self.params.push((name.to_owned(), value.to_owned())),
        }
    }

    /// The request that logs in, or that turns a code into a token.
    pub fn grant_request(&self) -> Option<&RequestTemplate> {
        match &self.login {
            Login::Request(request) | Login::Redirect { exchange: request, .. } => Some(request),
            Login::Direct => None,
        }
    }
}
