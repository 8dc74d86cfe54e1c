//! Token requests of pages: held against the profile's template, rid of the page's secrets and given the relay's.

use super::knowledge::{Field, Kind, Knowledge};
use super::named::{Named, Shape};
use crate::protocol::form;
use crate::protocol::json::{self, Mode};
use crate::provider::Template;
use crate::value::Value;

/// What a token request asks for; a page may not ask for another grant than the profile's.
const GRANT: &str = "grant_type";

/// How a client says who it is (RFC 6749 section 2.3, RFC 7521 section 4.2).
const OF_CLIENT: [&str; 3] = ["client_id", "client_assertion", "client_assertion_type"];

/// Most fields that a query or a body may have.
const MOST: usize = 256;

/// A request as it is sent.
pub(super) struct Filled {
    /// Encoded; empty where there is none.
    pub(super) query: String,
    pub(super) body: Option<String>,
    /// How much of what the template names the page has sent.
    pub(super) score: usize,
}

type Pairs = Vec<(String, String)>;

/// A query or body: what the profile writes, and what the page has sent.
type Part<'p> = (&'p [Field], &'p [(String, String)]);

/// The page's request with this template; nothing where it is another.
pub(super) fn fill(named: &Named, query: Option<&str>, body: &[u8]) -> Option<Filled> {
    let filling = Filling { named };
    let query = pairs(query.unwrap_or_default())?;
    match &named.body {
        Shape::Empty => {
            filling.accepts((&named.query, &query), (&[], &[]))?;
            body.is_empty().then(|| filling.filled(&query, None))
        }
        Shape::Form(fields) => {
            let form = pairs(std::str::from_utf8(body).ok()?)?;
            filling.accepts((&named.query, &query), (fields, &form))?;
            filling.accepts((fields, &form), (&named.query, &query))?;
            let filled = form::encode(&filling.with_own(fields, &form));
            Some(filling.filled(&query, Some(filled)).scored(score(fields, &form)))
        }
        Shape::Json(template) => {
            let page = json::read(std::str::from_utf8(body).ok()?, Mode::Strict).ok()?;
            if page.members().len() > MOST {
                return None;
            }
            // What is no text is held against the template below.
            let texts = page
                .members()
                .iter()
                .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()));
            let (fields, members) = (filling.members(template), texts.collect::<Pairs>());
            filling.accepts((&named.query, &query), (&fields, &members))?;
            filling.accepts((&fields, &members), (&named.query, &query))?;
            if named.is_strict && !fits(template, Some(&page), &named.knowledge) {
                return None;
            }
            let mut kept = without(&page, &named.knowledge);
            if let Value::Map(members) = &mut kept {
                members.retain(|(name, _)| template.get(name).is_some() || !filling.is_dropped(&fields, name));
            }
            let filled = given(template, Some(kept), named)?;
            Some(filling.filled(&query, Some(json::write(&filled))).scored(score(&fields, &members)))
        }
    }
}

impl Filled {
    const fn scored(mut self, score: usize) -> Self {
        self.score = self.score.saturating_add(score);
        self
    }
}

struct Filling<'n> {
    named: &'n Named,
}

impl Filling<'_> {
    fn filled(&self, query: &[(String, String)], body: Option<String>) -> Filled {
        let own = &self.named.query;
        Filled { query: form::encode(&self.with_own(own, query)), body, score: score(own, query) }
    }

    /// What the page has to say in a field.
    fn expected<'f>(&self, field: &'f Field) -> Option<&'f str> {
        match &field.kind {
            Kind::Literal(text) => Some(text),
            Kind::Known(text) if alike(&field.name, GRANT) => Some(text),
            _ => None,
        }
    }

    /// Whether the page says in one part of the request what the profile says there, once, and not in the other part as
    /// well. A grant that the profile does not name is one of the page's own choice.
    fn accepts(&self, (fields, page): Part<'_>, (other_fields, other): Part<'_>) -> Option<()> {
        if !self.named.is_strict {
            return Some(());
        }
        let is_named = |fields: &[Field], name: &str| fields.iter().any(|field| alike(&field.name, name));
        let is_said = |page: &[(String, String)], name: &str| page.iter().any(|(known, _)| alike(known, name));
        for field in fields {
            let Some(expected) = self.expected(field) else { continue };
            let mut said = page.iter().filter(|(name, _)| alike(name, &field.name));
            let is_right = said.next().is_some_and(|(name, value)| *name == field.name && value == expected);
            let is_elsewhere = !is_named(other_fields, &field.name) && is_said(other, &field.name);
            if !is_right || said.next().is_some() || is_elsewhere {
                return None;
            }
        }
        (is_named(fields, GRANT) || !is_said(page, GRANT)).then_some(())
    }

    /// The page's pairs without secrets, and the relay's own.
    fn with_own(&self, fields: &[Field], page: &[(String, String)]) -> Pairs {
        let mut pairs: Pairs = page.iter().filter(|(name, _)| !self.is_dropped(fields, name)).cloned().collect();
        for Field { name, kind } in fields {
            // What was taken from the page is missing here, so that it is the relay's.
            let has = pairs.iter().any(|(known, _)| alike(known, name));
            match kind {
                Kind::Secret(Some(text)) => pairs.push((name.clone(), text.clone())),
                Kind::Known(text) if !has => pairs.push((name.clone(), text.clone())),
                _ => {}
            }
        }
        pairs
    }

    /// Whether a page's pair is left out: it is, or stands where elsewhere stands, the relay's. Which client a secret of the
    /// relay's goes with is no choice of the page's.
    fn is_dropped(&self, fields: &[Field], name: &str) -> bool {
        let own = fields.iter().find(|field| alike(&field.name, name));
        match own {
            Some(field) => self.named.is_own(&field.kind),
            None => {
                let in_body = match &self.named.body {
                    Shape::Form(fields) => self.has_own(fields, name),
                    Shape::Json(template) => self.has_own(&self.members(template), name),
                    Shape::Empty => false,
                };
                in_body
                    || self.has_own(&self.named.query, name)
                    || is_secret(&self.named.knowledge, name)
                    || self.named.has_secret && OF_CLIENT.iter().any(|known| alike(known, name))
            }
        }
    }

    fn has_own(&self, fields: &[Field], name: &str) -> bool {
        fields.iter().any(|field| self.named.is_own(&field.kind) && alike(&field.name, name))
    }

    /// The texts of a JSON template as fields.
    fn members(&self, template: &Value) -> Vec<Field> {
        let members = template.members().iter();
        members
            .map(|(name, member)| {
                let kind = member.as_str().and_then(|text| kind(&self.named.knowledge, text));
                Field { name: name.clone(), kind: kind.unwrap_or(Kind::Page) }
            })
            .collect()
    }
}

/// A query or form; nothing where it holds what is no text, or too much.
fn pairs(text: &str) -> Option<Pairs> {
    // Each is compared with each field of each template: more than that is none of a page that signs in.
    if text.split('&').count() > MOST {
        return None;
    }
    let pairs = form::decode(text);
    let is_text = |text: &str| !text.contains('\u{fffd}');
    pairs.iter().all(|(name, value)| is_text(name) && is_text(value)).then_some(pairs)
}

fn score(fields: &[Field], page: &[(String, String)]) -> usize {
    page.iter().filter(|(name, _)| fields.iter().any(|field| field.name == *name)).count()
}

fn is_secret(knowledge: &Knowledge, name: &str) -> bool {
    knowledge.secrets.iter().any(|secret| alike(secret, name))
}

/// Whether some server takes two names for one: in another case, as a list, or written as PHP writes them.
pub(super) fn alike(name: &str, other: &str) -> bool {
    plain(name) == plain(other)
}

fn plain(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    for char in name.trim().chars() {
        match char {
            '[' => break,
            _ if char.is_control() => break,
            '.' | ' ' => plain.push('_'),
            _ => plain.extend(char.to_lowercase()),
        }
    }
    plain
}

fn kind(knowledge: &Knowledge, text: &str) -> Option<Kind> {
    knowledge.kind(Template::new(text), "").ok()
}

/// Whether a page's JSON says what the template says wherever that has no placeholder.
fn fits(template: &Value, page: Option<&Value>, knowledge: &Knowledge) -> bool {
    match template {
        Value::String(text) => match kind(knowledge, text) {
            Some(Kind::Literal(text)) => page.and_then(Value::as_str) == Some(&*text),
            _ => !matches!(page, Some(Value::List(_) | Value::Map(_))),
        },
        Value::List(items) => match page {
            Some(Value::List(given)) => {
                let mut pairs = items.iter().zip(given);
                items.len() == given.len() && pairs.all(|(item, given)| fits(item, Some(given), knowledge))
            }
            _ => false,
        },
        Value::Map(members) => {
            let Some(page @ Value::Map(given)) = page else { return false };
            members.iter().all(|(name, member)| {
                let times = given.iter().filter(|(known, _)| alike(known, name)).count();
                times <= 1 && fits(member, page.get(name), knowledge)
            })
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => page == Some(template),
    }
}

/// A page's JSON without members that are called as secrets are.
fn without(page: &Value, knowledge: &Knowledge) -> Value {
    match page {
        Value::List(items) => Value::List(items.iter().map(|item| without(item, knowledge)).collect()),
        Value::Map(members) => {
            let kept = members.iter().filter(|(name, _)| !is_secret(knowledge, name));
            Value::Map(kept.map(|(name, member)| (name.clone(), without(member, knowledge))).collect())
        }
        other => other.clone(),
    }
}

/// A page's JSON with the relay's own texts where the template has them; nothing where neither says anything.
fn given(template: &Value, page: Option<Value>, named: &Named) -> Option<Value> {
    match (template, page) {
        (Value::String(text), page) => match kind(&named.knowledge, text) {
            Some(Kind::Secret(text)) => text.map(Value::String),
            Some(Kind::Known(text)) if named.has_secret => Some(Value::String(text)),
            Some(Kind::Known(text)) => Some(page.unwrap_or(Value::String(text))),
            _ => page,
        },
        (Value::List(items), Some(Value::List(given_items))) => {
            let filled = items.iter().zip(given_items).map(|(item, page)| given(item, Some(page), named));
            Some(Value::List(filled.map(|item| item.unwrap_or(Value::Null)).collect()))
        }
        (Value::Map(members), Some(Value::Map(mut kept))) => {
            for (name, member) in members {
                let at = kept.iter().position(|(known, _)| known == name);
                let before = at.and_then(|at| kept.get(at)).map(|(_, value)| value.clone());
                match (given(member, before, named), at.and_then(|at| kept.get_mut(at))) {
                    (Some(value), Some((_, place))) => *place = value,
                    (Some(value), None) => kept.push((name.clone(), value)),
                    (None, Some(_)) => kept.retain(|(known, _)| known != name),
                    (None, None) => {}
                }
            }
            Some(Value::Map(kept))
        }
        (_, page) => page,
    }
}
