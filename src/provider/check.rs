//! Checks a profile by the table of shapes. Every error names the place.

use std::cell::RefCell;

use super::condition::class_of;
use super::cut::{concat, fits_header, has_control, is_token, joined, whole};
use super::names;
use super::path::Path;
use super::shape::{Kind, Member, PROFILE, Shape, Union, Use};
use super::template::Template;
use crate::error::{AuthError, Code, Result};
use crate::value::Value;

/// Refuses a profile that the engine could not use. It stands at `place` ("provider" for a caller's own).
pub fn check(profile: &Value, place: &str) -> Result<()> {
    let checker = Checker { profile, names: Vec::new(), faults: &First };
    checker.shape(&PROFILE, profile, &Spot { outer: None, name: Name::Text(place) })
}

/// All that is wrong with a profile: where, and what it must be there.
pub fn faults(profile: &Value) -> Vec<(String, String)> {
    let all = All::default();
    let checker = Checker { profile, names: Vec::new(), faults: &all };
    // None of them is an error here.
    let _ = checker.shape(&PROFILE, profile, &Spot { outer: None, name: Name::Text("") });
    all.0.into_inner()
}

/// What is done with a fault that is found: to be the error, or to be told with all the others.
trait Faults {
    fn found(&self, place: &str, accepts: &str) -> Result<()>;
}

struct First;

impl Faults for First {
    fn found(&self, place: &str, accepts: &str) -> Result<()> {
        Err(AuthError::config(place, accepts))
    }
}

#[derive(Default)]
struct All(RefCell<Vec<(String, String)>>);

impl Faults for All {
    fn found(&self, place: &str, accepts: &str) -> Result<()> {
        let fault = (place.to_owned(), accepts.to_owned());
        let mut faults = self.0.borrow_mut();
        // Several templates may lead to one param.
        if !faults.contains(&fault) {
            faults.push(fault);
        }
        Ok(())
    }
}

/// Refuses a member of a profile, called by its own name, that the engine could not use.
pub(super) fn check_member(profile: &Value, name: &str) -> Result<()> {
    let checker = Checker { profile, names: Vec::new(), faults: &First };
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
}

/// Reads templates against the names that can have a value where they stand.
struct Checker<'v, F> {
    profile: &'v Value,
    names: Vec<&'v str>,
    faults: &'v F,
}

impl<F: Faults> Checker<'_, F> {
    fn wrong(&self, spot: &Spot<'_>, accepts: &str) -> Result<()> {
        self.faults.found(&spot.text(), accepts)
    }

    fn wrong_of(&self, spot: &Spot<'_>, accepts: &[&str]) -> Result<()> {
        self.wrong(spot, &concat(accepts))
    }

    fn shape(&self, shape: &Shape, value: &Value, spot: &Spot<'_>) -> Result<()> {
        let Value::Map(given) = value else {
            return self.wrong(spot, "an object");
        };
        let known = |name: &str| shape.members.iter().any(|member| member.name == name);
        for (name, _) in given.iter().filter(|(name, _)| !known(name)) {
            let known: Vec<&str> = shape.members.iter().map(|member| member.name).collect();
            self.wrong_of(&spot.member(name), &["left out: it is not known here. Known: ", &joined(&known, ", ")])?;
        }
        for member in shape.members {
            let spot = spot.member(member.name);
            match value.member(member.name) {
                Some(value) => self.kind(member.kind, value, &spot)?,
                None if member.is_needed => self.wrong_of(&spot, &["given: ", accepts(member.kind)])?,
                None => {}
            }
        }
        match (shape.rule)(value) {
            None => Ok(()),
            Some((name, accepts)) => self.wrong(&spot.member(name), accepts),
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
                let Some(text) = text else { return self.wrong(spot, accepts(kind)) };
                return Path::check(text).or_else(|accepts| self.wrong(spot, accepts));
            }
            Kind::Template(used) => {
                let Some(text) = text else { return self.wrong(spot, accepts(kind)) };
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
                let names = names::at(place, self.profile);
                let checker = Checker { profile: self.profile, names, faults: self.faults };
                return checker.shape(shape, value, spot);
            }
            Kind::Either(union) => return self.union(union, value, spot),
        };
        match kind {
            _ if fits => Ok(()),
            Kind::One(words) => self.wrong_of(spot, &["one of: ", &joined(words, ", ")]),
            Kind::Whole(unit) => self.wrong_of(spot, &["a whole number of ", unit, ", 0 or more"]),
            kind => self.wrong(spot, accepts(kind)),
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
                    self.wrong(&spot, "named as headers can be: letters, digits and !#$%&'*+-.^_`|~")?;
                }
                Kind::Template(Use::Query) if has_control(name) => {
                    self.wrong(&spot, "named without control characters")?;
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
            return self.wrong(spot, "an object");
        }
        let is_it = |first: &Member| match (value.member(first.name), first.kind) {
            (None, _) => false,
            (Some(found), Kind::One(words)) => found.as_str().is_some_and(|text| words.contains(&text)),
            (Some(_), _) => true,
        };
        match (union.shapes.iter().find(|shape| shape.members.first().is_some_and(is_it)), union.tag) {
            (Some(shape), _) => self.shape(shape, value, spot),
            (None, Some(tag)) => self.wrong(&spot.member(tag), union.accepts),
            (None, None) => self.wrong(spot, union.accepts),
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
            return self.wrong(spot, accepts);
        }
        let accepts = match used {
            Use::Body => "",
            Use::Header if !fits_header(text) => "printable ASCII without blanks around it: it is sent in a header",
            _ if has_control(text) => "text without control characters",
            _ => "",
        };
        if !accepts.is_empty() {
            return self.wrong(spot, accepts);
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
            let known = joined(&self.names, ", ");
            let accepts = ["text with placeholders that can have a value there: {", name, "} is none of ", &known];
            return self.wrong_of(spot, &accepts);
        }
        let is_address = used == Use::Address;
        if is_address && is_origin && !names::params(self.profile).contains(&name) {
            let accepts = [
                "an address that leads to the same place whatever is signed in with: {",
                name,
                "} stands before its path, where only params may",
            ];
            return self.wrong_of(spot, &accepts);
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
        self.faults.found(&concat(&["params.", name]), &concat(&[accepts, &spot.text()]))
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
