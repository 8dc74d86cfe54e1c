//! Checks a profile by the table of shapes. Every error names the place.

use super::condition::class_of;
use super::cut::{fits_header, has_control, is_token, whole};
use super::names;
use super::path::Path;
use super::shape::{Kind, Member, PROFILE, Shape, Union, Use};
use super::template::Template;
use crate::error::{AuthError, Code, Result};
use crate::value::Value;

/// Refuses a profile that the engine could not use. It stands at `place` ("provider" for a caller's own).
pub fn check(profile: &Value, place: &str) -> Result<()> {
    let checker = Checker { profile, names: Vec::new() };
    checker.shape(&PROFILE, profile, &Spot { outer: None, name: Name::Text(place) })
}

/// Refuses a member of a profile, called by its own name, that the engine could not use.
pub(super) fn check_member(profile: &Value, name: &str) -> Result<()> {
    let checker = Checker { profile, names: Vec::new() };
    let member = PROFILE.members.iter().find(|member| member.name == name);
    match (member, profile.member(name)) {
        (Some(member), Some(value)) => checker.kind(member.kind, value, &Spot { outer: None, name: Name::Text(name) }),
        _ => Ok(()),
    }
}

/// Where something stands. Its text is only made when something is wrong there.
struct Spot<'s> {
    outer: Option<&'s Spot<'s>>,
    name: Name<'s>,
}

enum Name<'s> {
    Text(&'s str),
    Item(usize),
}

impl<'s> Spot<'s> {
    const fn member(&'s self, name: &'s str) -> Self {
        Self { outer: Some(self), name: Name::Text(name) }
    }

    const fn item(&'s self, at: usize) -> Self {
        Self { outer: Some(self), name: Name::Item(at) }
    }

    fn text(&self) -> String {
        let mut text = self.outer.map(Self::text).unwrap_or_default();
        if !text.is_empty() {
            text.push('.');
        }
        match self.name {
            Name::Text(name) => text.push_str(name),
            Name::Item(at) => text.push_str(&at.to_string()),
        }
        text
    }

    fn wrong(&self, accepts: &str) -> AuthError {
        AuthError::config(&self.text(), accepts)
    }

    fn wrong_of(&self, accepts: &[&str]) -> AuthError {
        self.wrong(&accepts.concat())
    }
}

/// Reads templates against the names that can have a value where they stand.
struct Checker<'v> {
    profile: &'v Value,
    names: Vec<&'v str>,
}

impl Checker<'_> {
    fn shape(&self, shape: &Shape, value: &Value, spot: &Spot<'_>) -> Result<()> {
        let Value::Map(given) = value else {
            return Err(spot.wrong("an object"));
        };
        let known = |name: &str| shape.members.iter().any(|member| member.name == name);
        if let Some((name, _)) = given.iter().find(|(name, _)| !known(name)) {
            let known: Vec<&str> = shape.members.iter().map(|member| member.name).collect();
            return Err(spot.member(name).wrong_of(&["left out: it is not known here. Known: ", &known.join(", ")]));
        }
        for member in shape.members {
            let spot = spot.member(member.name);
            match value.member(member.name) {
                Some(value) => self.kind(member.kind, value, &spot)?,
                None if member.is_needed => return Err(spot.wrong_of(&["given: ", accepts(member.kind)])),
                None => {}
            }
        }
        match (shape.rule)(value) {
            None => Ok(()),
            Some((name, accepts)) => Err(spot.member(name).wrong(accepts)),
        }
    }

    fn kind(&self, kind: Kind, value: &Value, spot: &Spot<'_>) -> Result<()> {
        let text = value.as_str();
        let number = match value {
            Value::Number(text) => whole(text),
            _ => None,
        };
        let is_status = number.is_some_and(|number| (100..=599).contains(&number));
        let fits = match kind {
            Kind::Anything => true,
            Kind::Text => text.is_some_and(|text| !text.is_empty() && !has_control(text)),
            Kind::AnyText => text.is_some(),
            Kind::Line => text.is_some_and(|text| !has_control(text)),
            Kind::Name => text.is_some_and(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())),
            Kind::Flag => matches!(value, Value::Bool(_)),
            Kind::Scalar => !matches!(value, Value::List(_) | Value::Map(_)),
            Kind::Whole(_) => number.is_some_and(|number| number <= 8_640_000_000_000_000),
            Kind::Status => is_status,
            Kind::StatusOrClass => is_status || text.is_some_and(|text| class_of(text).is_some()),
            Kind::Code => text.and_then(Code::parse).is_some(),
            Kind::One(words) => text.is_some_and(|text| words.contains(&text)),
            Kind::Path => {
                let text = text.ok_or_else(|| spot.wrong(accepts(kind)))?;
                return Path::check(text).map_err(|accepts| spot.wrong(accepts));
            }
            Kind::Template(used) => {
                let text = text.ok_or_else(|| spot.wrong(accepts(kind)))?;
                return self.template(text, used, spot);
            }
            Kind::Json => return self.json(value, spot),
            Kind::List(kind) => match value {
                Value::List(items) => return self.items(*kind, items, spot),
                _ => false,
            },
            Kind::ListOrOne(kind) => match value {
                Value::List(items) => return self.items(*kind, items, spot),
                one => return self.kind(*kind, one, spot),
            },
            Kind::Map(kind) => match value {
                Value::Map(members) => return self.members(*kind, members, spot),
                _ => false,
            },
            Kind::Object(shape) => return self.shape(shape, value, spot),
            Kind::In(place, shape) => {
                let checker = Checker { profile: self.profile, names: names::at(place, self.profile) };
                return checker.shape(shape, value, spot);
            }
            Kind::Either(union) => return self.union(union, value, spot),
        };
        match kind {
            _ if fits => Ok(()),
            Kind::One(words) => Err(spot.wrong_of(&["one of: ", &words.join(", ")])),
            Kind::Whole(unit) => Err(spot.wrong_of(&["a whole number of ", unit, ", 0 or more"])),
            kind => Err(spot.wrong(accepts(kind))),
        }
    }

    fn items(&self, kind: Kind, items: &[Value], spot: &Spot<'_>) -> Result<()> {
        items.iter().enumerate().try_for_each(|(at, item)| self.kind(kind, item, &spot.item(at)))
    }

    fn members(&self, kind: Kind, members: &[(String, Value)], spot: &Spot<'_>) -> Result<()> {
        for (name, value) in members {
            let spot = spot.member(name);
            match kind {
                Kind::Template(Use::Header) if !is_token(name) => {
                    return Err(spot.wrong("named as headers can be: letters, digits and !#$%&'*+-.^_`|~"));
                }
                Kind::Template(Use::Query) if has_control(name) => {
                    return Err(spot.wrong("named without control characters"));
                }
                _ => self.kind(kind, value, &spot)?,
            }
        }
        Ok(())
    }

    fn union(&self, union: &Union, value: &Value, spot: &Spot<'_>) -> Result<()> {
        if value.as_str().is_some_and(|text| union.words.contains(&text)) {
            return Ok(());
        }
        if union.words.is_empty() && !matches!(value, Value::Map(_)) {
            return Err(spot.wrong("an object"));
        }
        let is_it = |first: &Member| match (value.member(first.name), first.kind) {
            (None, _) => false,
            (Some(found), Kind::One(words)) => found.as_str().is_some_and(|text| words.contains(&text)),
            (Some(_), _) => true,
        };
        match (union.shapes.iter().find(|shape| shape.members.first().is_some_and(is_it)), union.tag) {
            (Some(shape), _) => self.shape(shape, value, spot),
            (None, Some(tag)) => Err(spot.member(tag).wrong(union.accepts)),
            (None, None) => Err(spot.wrong(union.accepts)),
        }
    }

    fn json(&self, value: &Value, spot: &Spot<'_>) -> Result<()> {
        match value {
            Value::String(text) => self.template(text, Use::Body, spot),
            Value::List(items) => self.items(Kind::Json, items, spot),
            Value::Map(members) => self.members(Kind::Json, members, spot),
            Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
        }
    }

    fn template(&self, text: &str, used: Use, spot: &Spot<'_>) -> Result<()> {
        let template = Template::new(text);
        if let Err(accepts) = template.check() {
            return Err(spot.wrong(accepts));
        }
        let accepts = match used {
            Use::Body => "",
            Use::Header if !fits_header(text) => "printable ASCII without blanks around it: it is sent in a header",
            _ if has_control(text) => "text without control characters",
            _ => "",
        };
        if !accepts.is_empty() {
            return Err(spot.wrong(accepts));
        }
        let mut result = Ok(());
        template.each(&mut |name, is_transformed, is_origin| {
            if result.is_ok() {
                result = self.placeholder(name, is_transformed, is_origin, used, spot);
            }
        });
        result
    }

    fn placeholder(&self, name: &str, is_transformed: bool, is_origin: bool, used: Use, spot: &Spot<'_>) -> Result<()> {
        if !self.names.contains(&name) {
            let known = self.names.join(", ");
            return Err(spot.wrong_of(&[
                "text with placeholders that can have a value there: {",
                name,
                "} is none of ",
                &known,
            ]));
        }
        let is_address = used == Use::Address;
        if is_address && is_origin && !names::params(self.profile).contains(&name) {
            return Err(spot.wrong_of(&[
                "an address that leads to the same place whatever is signed in with: {",
                name,
                "} stands before its path, where only params may",
            ]));
        }
        // Without a param there is no address; and what one puts into headers and addresses as it is must fit there.
        let value = self.profile.get("params").and_then(|params| params.member_text(name)).unwrap_or_default();
        let accepts = match used {
            Use::Address if value.is_empty() && names::fixed(self.profile).contains(&name) => {
                "given: there is no address without it: "
            }
            Use::Address | Use::Basic if !is_transformed && has_control(value) => {
                "text without control characters: it stands in "
            }
            Use::Header if !is_transformed && !fits_header(value) => {
                "printable ASCII without blanks around it: it is sent in the header "
            }
            _ => return Ok(()),
        };
        Err(AuthError::config(&["params.", name].concat(), &[accepts, &spot.text()].concat()))
    }
}

const fn accepts(kind: Kind) -> &'static str {
    match kind {
        Kind::Anything => "something",
        Kind::Text => "text that is not empty, without control characters",
        Kind::AnyText | Kind::Template(_) => "text",
        Kind::Line => "text without control characters",
        Kind::Name => "printable ASCII without blanks",
        Kind::Flag => "true or false",
        Kind::Scalar => "text, a number, true, false or null",
        Kind::Whole(_) => "a whole number, 0 or more",
        Kind::Status => "an HTTP status from 100 to 599",
        Kind::StatusOrClass => "an HTTP status from 100 to 599, or a class such as \"4xx\"",
        Kind::Path => "a dotted path",
        Kind::Code => "an error code",
        Kind::One(_) => "one of the known words",
        Kind::Json => "JSON",
        Kind::List(_) => "a list",
        Kind::ListOrOne(_) => "one, or a list",
        Kind::Map(_) | Kind::Object(_) | Kind::In(..) | Kind::Either(_) => "an object",
    }
}

#[cfg(test)]
mod tests;
