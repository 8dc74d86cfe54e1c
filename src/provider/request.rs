//! Requests as a profile writes them: views of its tree.

use super::scope::Scope;
use super::template::{Rendered, Template};
use crate::value::Value;

static NOTHING: Value = Value::Null;

/// A request to be filled in.
#[derive(Clone, Copy)]
pub struct RequestTemplate<'p>(&'p Value);

/// A named list of templates: headers, or fields of a query or form, in the order they are sent.
#[derive(Clone, Copy)]
pub struct Fields<'p>(&'p Value);

/// A body to be filled in.
#[derive(Clone, Copy)]
pub enum Body<'p> {
    /// None.
    Empty,
    /// application/x-www-form-urlencoded.
    Form(Fields<'p>),
    /// A JSON object: templates where there are texts.
    Json(&'p Value),
}

/// HTTP Basic from two values (RFC 7617).
#[derive(Clone, Copy)]
pub struct Basic<'p> {
    /// User name.
    pub username: Template<'p>,
    /// Password.
    pub password: Template<'p>,
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

impl<'p> RequestTemplate<'p> {
    /// The request that a profile writes so.
    pub const fn new(request: &'p Value) -> Self {
        Self(request)
    }

    /// The tree that it is a view of.
    pub const fn page(self) -> &'p Value {
        self.0
    }

    /// GET, POST, PUT or DELETE.
    pub fn method(self) -> &'static str {
        let given = self.0.member_text("method");
        ["GET", "PUT", "DELETE"].into_iter().find(|known| given == Some(known)).unwrap_or("POST")
    }

    /// Below the base URL, or absolute.
    pub fn url(self) -> Template<'p> {
        Template::new(self.0.member_text("url").unwrap_or_default())
    }

    /// Its query.
    pub fn query(self) -> Fields<'p> {
        Fields::of(self.0, "query")
    }

    /// Its headers.
    pub fn headers(self) -> Fields<'p> {
        Fields::of(self.0, "headers")
    }

    /// Its body.
    pub fn body(self) -> Body<'p> {
        match (self.0.member("form"), self.0.member("json")) {
            (Some(form), _) => Body::Form(Fields(form)),
            (None, Some(json)) => Body::Json(json),
            (None, None) => Body::Empty,
        }
    }

    /// HTTP Basic.
    pub fn basic(self) -> Option<Basic<'p>> {
        Basic::of(self.0)
    }

    /// Whether a field or placeholder of that name is anywhere in it.
    #[inline(never)]
    pub fn mentions(self, wanted: &str) -> bool {
        let basic = self.basic();
        let body = match self.body() {
            Body::Empty => false,
            Body::Form(fields) => fields.mention(wanted),
            Body::Json(json) => names(json, wanted),
        };
        body || self.url().mentions(wanted)
            || self.query().mention(wanted)
            || self.headers().mention(wanted)
            || basic.is_some_and(|basic| basic.username.mentions(wanted) || basic.password.mentions(wanted))
    }

    /// What a field of that name in body or query would send.
    pub fn field(self, name: &str, scope: &Scope<'_>) -> Option<String> {
        let body = match self.body() {
            Body::Empty => None,
            Body::Form(fields) => fields.0.member_text(name),
            Body::Json(json) => json.member_text(name),
        };
        let text = body.or_else(|| self.query().0.member_text(name))?;
        Template::new(text).render(scope).map(|rendered| rendered.text)
    }
}

/// Whether a member or a placeholder of that name is anywhere in a JSON template.
fn names(json: &Value, wanted: &str) -> bool {
    match json {
        Value::String(text) => Template::new(text).mentions(wanted),
        Value::List(items) => items.iter().any(|item| names(item, wanted)),
        Value::Map(members) => members.iter().any(|(name, member)| name == wanted || names(member, wanted)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

impl<'p> Fields<'p> {
    pub(super) fn of(owner: &'p Value, name: &str) -> Self {
        Self(owner.get(name).unwrap_or(&NOTHING))
    }

    /// Names and templates.
    pub fn iter(self) -> impl Iterator<Item = (&'p str, Template<'p>)> {
        let members = self.0.members().iter();
        members.map(|(name, text)| (name.as_str(), Template::new(text.as_str().unwrap_or_default())))
    }

    /// Names and texts of the fields whose placeholders have values.
    #[inline(never)]
    pub fn render(self, scope: &Scope<'_>) -> Vec<(&'p str, Rendered)> {
        let mut fields = Vec::new();
        for (name, template) in self.iter() {
            if let Some(value) = template.render(scope) {
                fields.push((name, value));
            }
        }
        fields
    }

    /// Whether a field of that name, or a placeholder of that name, is among them.
    #[inline(never)]
    pub fn mention(self, wanted: &str) -> bool {
        self.iter().any(|(name, template)| name == wanted || template.mentions(wanted))
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.0.members().is_empty()
    }
}

impl<'p> Basic<'p> {
    pub(super) fn of(owner: &'p Value) -> Option<Self> {
        let basic = owner.member("basic")?;
        Some(Self {
            username: Template::new(basic.member_text("username").unwrap_or_default()),
            password: Template::new(basic.member_text("password").unwrap_or_default()),
            encode: match basic.member_text("encode") {
                Some("form") => BasicEncoding::Form,
                Some("plain") => BasicEncoding::Plain,
                _ => BasicEncoding::None,
            },
        })
    }
}
