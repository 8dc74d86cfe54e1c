//! What a profile may hold, as a table: names of members, their kinds, which are needed. It is the one source: profiles
//! are checked by it, and it has what a JSON Schema needs.

use super::names::Place;
use super::rules::{self, Rule};

/// An object of a profile.
pub struct Shape {
    /// Its name in the contract; empty where the contract gives it none.
    pub name: &'static str,
    /// Its members. Others are refused.
    pub members: &'static [Member],
    /// What the table cannot say.
    pub(super) rule: Rule,
}

/// A member of an object.
pub struct Member {
    /// Its name.
    pub name: &'static str,
    /// Whether it must be there.
    pub is_needed: bool,
    /// What it may be.
    pub kind: Kind,
}

/// What a value may be.
#[derive(Clone, Copy)]
pub enum Kind {
    /// Whatever it is.
    Anything,
    /// Text that is not empty.
    Text,
    /// Text, also empty.
    AnyText,
    /// Text without control characters, also empty.
    Line,
    /// Printable ASCII without blanks.
    Name,
    /// True or false.
    Flag,
    /// Text, a number, true, false or null.
    Scalar,
    /// A whole number, 0 or more, of a unit.
    Whole(&'static str),
    /// An HTTP status.
    Status,
    /// An HTTP status, or a class such as "4xx".
    StatusOrClass,
    /// A [`Path`](super::Path).
    Path,
    /// One of the codes of errors.
    Code,
    /// One of these texts.
    One(&'static [&'static str]),
    /// A [`Template`](super::Template).
    Template(Use),
    /// JSON with templates where there are texts.
    Json,
    /// A list.
    List(&'static Kind),
    /// A list, or the one item of it.
    ListOrOne(&'static Kind),
    /// An object of members with names of the profile's own.
    Map(&'static Kind),
    /// An object.
    Object(&'static Shape),
    /// An object whose templates are filled in at that place.
    In(Place, &'static Shape),
    /// One of several.
    Either(&'static Union),
}

/// One of several objects or words.
pub struct Union {
    /// Words that stand for themselves.
    pub words: &'static [&'static str],
    /// Objects; which it is, its first member says.
    pub shapes: &'static [&'static Shape],
    /// The member that all have, and that tells them apart by its value.
    pub tag: Option<&'static str>,
    /// What to ask for where it is none of them.
    pub accepts: &'static str,
}

/// What a template is filled in for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// An address.
    Address,
    /// A parameter of a query.
    Query,
    /// A header.
    Header,
    /// A part of a body.
    Body,
    /// A part of HTTP Basic.
    Basic,
}

const fn needs(name: &'static str, kind: Kind) -> Member {
    Member { name, is_needed: true, kind }
}

const fn may(name: &'static str, kind: Kind) -> Member {
    Member { name, is_needed: false, kind }
}

const TEXTS: Kind = Kind::Map(&Kind::AnyText);
const TEMPLATES: Kind = Kind::Map(&Kind::Template(Use::Body));
const QUERY: Kind = Kind::Map(&Kind::Template(Use::Query));
const HEADERS: Kind = Kind::Map(&Kind::Template(Use::Header));
const NAMES: Kind = Kind::List(&Kind::Text);
const PATHS: Kind = Kind::List(&Kind::Path);

/// A profile as a whole.
pub static PROFILE: Shape = Shape {
    name: "ProviderProfile",
    members: &[
        may("$schema", Kind::Anything),
        needs("id", Kind::Name),
        needs("baseUrl", Kind::Line),
        may("endpoint", Kind::Text),
        may("params", TEXTS),
        may("secretParams", NAMES),
        may("optionalParams", NAMES),
        needs("credentials", NAMES),
        may("formats", Kind::Map(&Kind::One(&["ru-phone"]))),
        may("infer", Kind::List(&Kind::Object(&INFER))),
        needs("login", Kind::Either(&LOGIN)),
        may("secondFactor", Kind::Object(&SECOND_FACTOR)),
        may("renew", Kind::In(Place::Renew, &REQUEST)),
        may("revoke", Kind::In(Place::Revoke, &REQUEST)),
        may("check", Kind::Object(&CHECK)),
        may("answer", Kind::Object(&ANSWER)),
        may("problem", Kind::Object(&PROBLEM)),
        needs("present", Kind::In(Place::Present, &PRESENTATION)),
    ],
    rule: rules::profile,
};

static INFER: Shape = Shape {
    name: "",
    members: &[needs("credential", Kind::Text), needs("digitsThen", Kind::Text), needs("params", TEXTS)],
    rule: rules::none,
};

static LOGIN: Union = Union {
    words: &[],
    shapes: &[
        &Shape {
            name: "",
            members: &[needs("kind", Kind::One(&["request"])), needs("request", Kind::In(Place::Login, &REQUEST))],
            rule: rules::none,
        },
        &Shape { name: "", members: &[needs("kind", Kind::One(&["direct"]))], rule: rules::none },
        &Shape {
            name: "",
            members: &[
                needs("kind", Kind::One(&["redirect"])),
                needs("authorize", Kind::In(Place::Authorize, &AUTHORIZE)),
                needs("exchange", Kind::In(Place::Exchange, &REQUEST)),
            ],
            rule: rules::none,
        },
    ],
    tag: Some("kind"),
    accepts: "\"request\", \"direct\" or \"redirect\"",
};

static REQUEST: Shape = Shape {
    name: "RequestTemplate",
    members: &[
        may("method", Kind::One(&["GET", "POST", "PUT", "DELETE"])),
        needs("url", Kind::Template(Use::Address)),
        may("query", QUERY),
        may("headers", HEADERS),
        may("form", TEMPLATES),
        may("json", Kind::Map(&Kind::Json)),
        may("basic", Kind::Object(&BASIC)),
    ],
    rule: rules::request,
};

static BASIC: Shape = Shape {
    name: "BasicTemplate",
    members: &[
        needs("username", Kind::Template(Use::Basic)),
        may("password", Kind::Template(Use::Basic)),
        may("encode", Kind::One(&["none", "form"])),
    ],
    rule: rules::none,
};

static AUTHORIZE: Shape = Shape {
    name: "AuthorizeTemplate",
    members: &[
        needs("url", Kind::Template(Use::Address)),
        needs("query", QUERY),
        may("pkce", Kind::Flag),
        may("echoesState", Kind::Flag),
        may("issuer", Kind::Text),
        may("lifetime", Kind::Whole("milliseconds")),
    ],
    rule: rules::none,
};

static SECOND_FACTOR: Shape = Shape {
    name: "",
    members: &[
        needs("when", Kind::ListOrOne(&Kind::Object(&CONDITION))),
        needs("request", Kind::In(Place::SecondFactor, &REQUEST)),
    ],
    rule: rules::second_factor,
};

static CHECK: Shape = Shape {
    name: "",
    members: &[
        needs("request", Kind::In(Place::Check, &REQUEST)),
        needs("subject", Kind::Path),
        may("textOnly", Kind::Flag),
    ],
    rule: rules::none,
};

static CONDITION: Shape = Shape {
    name: "Condition",
    members: &[
        may("status", Kind::ListOrOne(&Kind::StatusOrClass)),
        may("path", Kind::Path),
        may("equals", Kind::Scalar),
        may("oneOf", Kind::List(&Kind::Scalar)),
        may("present", Kind::Flag),
    ],
    rule: rules::condition,
};

static ANSWER: Shape = Shape {
    name: "AnswerShape",
    members: &[
        may("format", Kind::One(&["auto", "json", "xml", "text", "form"])),
        may("accessToken", Kind::Path),
        may("refreshToken", Kind::Path),
        may("tokenType", Kind::Path),
        may("scope", Kind::Path),
        may("subject", Kind::Path),
        may("apiBase", Kind::Path),
        may("expires", Kind::Either(&EXPIRES)),
        may("secret", PATHS),
        may("require", Kind::List(&Kind::Object(&CONDITION))),
        may("lenient", Kind::Flag),
        may("root", Kind::Text),
    ],
    rule: rules::none,
};

static EXPIRES: Union = Union {
    words: &["never", "jwt"],
    shapes: &[
        &Shape { name: "", members: &[needs("in", Kind::Path)], rule: rules::none },
        &Shape {
            name: "",
            members: &[needs("at", Kind::Path), may("unit", Kind::One(&["s", "ms", "iso8601"]))],
            rule: rules::none,
        },
        &Shape { name: "", members: &[needs("after", Kind::Whole("seconds"))], rule: rules::none },
    ],
    tag: None,
    accepts: "\"never\", \"jwt\" or an object with one of `in`, `at` and `after`",
};

static PROBLEM: Shape = Shape {
    name: "ProblemShape",
    members: &[may("code", PATHS), may("message", PATHS), may("map", Kind::Map(&Kind::Code))],
    rule: rules::none,
};

static PRESENTATION: Shape = Shape {
    name: "Presentation",
    members: &[
        may("headers", HEADERS),
        may("query", QUERY),
        may("basic", Kind::Object(&BASIC)),
        may("expired", Kind::List(&Kind::Status)),
        may("optional", Kind::Flag),
    ],
    rule: rules::presentation,
};
