//! Reads the JSON form of a provider, the contract's `ProviderProfile`. Every error names the place.

use super::fields::{Fields as Reader, duration, status, text};
use super::{
    AnswerFormat, AnswerShape, AuthorizeTemplate, Basic, BasicEncoding, Body, Check, Condition, Credential,
    ENGINE_NAMES, Expires, Fields, Format, Inference, Login, MomentUnit, Path, Presentation, ProblemShape, Provider,
    RequestTemplate, SecondFactor, Template,
};
use crate::error::{AuthError, Code, Result};
use crate::value::Value;

/// Longest time between the redirect and its callback, where the profile does not say.
const REDIRECT_LIFETIME: i64 = 600_000;

/// Reads a profile that stands at `place` ("provider" for a caller's own).
pub fn read(profile: &Value, place: &str) -> Result<Provider> {
    // Filled in member by member: one value to let go of wherever reading stops.
    let mut provider = Provider::default();
    let mut fields = Reader::open(profile, place)?;
    provider.id = required_text(&mut fields, "id")?;
    if !provider.id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(fields.wrong("id", "printable ASCII without blanks"));
    }
    match fields.get("baseUrl") {
        Some(Value::String(text)) => provider.base_url.clone_from(text),
        _ => return Err(fields.wrong("baseUrl", "an address")),
    }
    provider.endpoint = fields.text("endpoint")?.map(str::to_owned);
    provider.params = owned(fields.texts("params")?);
    provider.credentials = credentials(&mut fields)?;
    for value in fields.list("infer") {
        provider.infer.push(inference(value, fields.place("infer"))?);
    }
    let mut names = ENGINE_NAMES.to_vec();
    names.extend(provider.credentials.iter().map(|credential| credential.name.as_str()));
    names.extend(provider.params.iter().map(|(name, _)| name.as_str()));
    names.extend(fields.each("optionalParams", text)?.unwrap_or_default());
    let requests = Templates { names };

    provider.login = requests.login(object(&mut fields, "login")?, fields.place("login"))?;
    if let Some(value) = fields.get("secondFactor") {
        provider.second_factor = Some(requests.second_factor(value, fields.place("secondFactor"))?);
    }
    provider.renew = requests.optional(&mut fields, "renew")?;
    provider.revoke = requests.optional(&mut fields, "revoke")?;
    if let Some(value) = fields.get("check") {
        provider.check = Some(requests.check(value, fields.place("check"))?);
    }
    let nothing = Value::Map(Vec::new());
    provider.answer = answer(fields.get("answer").unwrap_or(&nothing), fields.place("answer"))?;
    provider.problem = problem(fields.get("problem").unwrap_or(&nothing), fields.place("problem"))?;
    provider.present = requests.presentation(object(&mut fields, "present")?, fields.place("present"))?;
    fields.finish()?;
    Ok(provider)
}

fn required_text(fields: &mut Reader<'_>, name: &'static str) -> Result<String> {
    match fields.text(name)? {
        Some(text) => Ok(text.to_owned()),
        None => Err(fields.wrong(name, "text that is not empty")),
    }
}

fn object<'v>(fields: &mut Reader<'v>, name: &'static str) -> Result<&'v Value> {
    fields.get(name).ok_or_else(|| fields.wrong(name, "an object"))
}

fn owned(texts: Vec<(&str, &str)>) -> Vec<(String, String)> {
    texts.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

fn credentials(fields: &mut Reader<'_>) -> Result<Vec<Credential>> {
    let names = fields.each("credentials", text)?.ok_or_else(|| fields.wrong("credentials", "a list of names"))?;
    let formats = fields.texts("formats")?;
    if let Some((name, _)) =
        formats.iter().find(|(name, format)| !names.contains(name) || Format::parse(format).is_none())
    {
        return Err(fields.wrong(&["formats.", name].concat(), "\"ru-phone\", for one of the credentials"));
    }
    if names.iter().any(|name| ENGINE_NAMES.contains(name)) {
        return Err(fields.wrong("credentials", "names other than those that the engine fills in"));
    }
    Ok(names
        .into_iter()
        .map(|name| Credential {
            name: name.to_owned(),
            format: formats.iter().find(|(of, _)| *of == name).and_then(|(_, format)| Format::parse(format)),
        })
        .collect())
}

fn inference(value: &Value, place: String) -> Result<Inference> {
    let mut fields = Reader::open(value, place)?;
    let credential = required_text(&mut fields, "credential")?;
    let digits_then = required_text(&mut fields, "digitsThen")?;
    let params = owned(fields.texts("params")?);
    fields.finish()?;
    Ok(Inference { credential, digits_then, params })
}

/// Reads templates against the names that they may use.
struct Templates<'v> {
    names: Vec<&'v str>,
}

impl Templates<'_> {
    fn template(&self, text: &str, place: &str) -> Result<Template> {
        let template = Template::parse(text).map_err(|accepts| AuthError::config(place, accepts))?;
        if let Some(unknown) = template.names().find(|name| !self.names.contains(name)) {
            let accepts =
                ["text with known placeholders: {", unknown, "} is none of ", &self.names.join(", ")].concat();
            return Err(AuthError::config(place, &accepts));
        }
        Ok(template)
    }

    fn required(&self, fields: &mut Reader<'_>, name: &'static str) -> Result<Template> {
        let place = fields.place(name);
        match fields.get(name) {
            Some(Value::String(text)) => self.template(text, &place),
            _ => Err(AuthError::config(&place, "text")),
        }
    }

    fn many(&self, fields: &mut Reader<'_>, name: &'static str) -> Result<Fields> {
        let place = fields.place(name);
        fields
            .texts(name)?
            .into_iter()
            .map(|(key, text)| Ok((key.to_owned(), self.template(text, &[&place, ".", key].concat())?)))
            .collect()
    }

    fn request(&self, value: &Value, place: String) -> Result<RequestTemplate> {
        let mut fields = Reader::open(value, place)?;
        let method = fields
            .read("method", |value| {
                ["GET", "POST", "PUT", "DELETE"]
                    .into_iter()
                    .find(|known| value.as_str() == Some(known))
                    .ok_or("\"GET\", \"POST\", \"PUT\" or \"DELETE\"")
            })?
            .unwrap_or("POST");
        let mut request = RequestTemplate { method, ..RequestTemplate::default() };
        request.url = self.required(&mut fields, "url")?;
        request.query = self.many(&mut fields, "query")?;
        request.headers = self.many(&mut fields, "headers")?;
        let has_form = fields.get("form").is_some();
        request.body = match (has_form, fields.get("json").is_some()) {
            (true, true) => return Err(fields.wrong("json", "left out where there is `form`")),
            (true, false) => Body::Form(self.many(&mut fields, "form")?),
            (false, true) => Body::Json(self.many(&mut fields, "json")?),
            (false, false) => Body::Empty,
        };
        if method == "GET" && !matches!(request.body, Body::Empty) {
            return Err(fields.wrong("method", "\"POST\" or \"PUT\" where there is a body"));
        }
        if let Some(value) = fields.get("basic") {
            request.basic = Some(self.basic(value, fields.place("basic"))?);
        }
        fields.finish()?;
        Ok(request)
    }

    fn inner(&self, fields: &mut Reader<'_>, name: &'static str) -> Result<RequestTemplate> {
        let value = object(fields, name)?;
        self.request(value, fields.place(name))
    }

    fn optional(&self, fields: &mut Reader<'_>, name: &'static str) -> Result<Option<RequestTemplate>> {
        fields.get(name).map(|value| self.request(value, fields.place(name))).transpose()
    }

    fn basic(&self, value: &Value, place: String) -> Result<Basic> {
        let mut fields = Reader::open(value, place)?;
        let username = self.required(&mut fields, "username")?;
        let password = match fields.get("password") {
            None => self.template("", "")?,
            Some(_) => self.required(&mut fields, "password")?,
        };
        let encode = fields
            .read("encode", |value| match value.as_str() {
                Some("none") => Ok(BasicEncoding::None),
                Some("form") => Ok(BasicEncoding::Form),
                Some("plain") => Ok(BasicEncoding::Plain),
                _ => Err("\"none\", \"form\" or \"plain\""),
            })?
            .unwrap_or(BasicEncoding::None);
        fields.finish()?;
        Ok(Basic { username, password, encode })
    }

    fn login(&self, value: &Value, place: String) -> Result<Login> {
        let mut fields = Reader::open(value, place)?;
        let kind = fields.text("kind")?;
        let login = match kind {
            Some("request") => {
                let request = fields.get("request").ok_or_else(|| fields.wrong("request", "a request template"))?;
                Login::Request(self.request(request, fields.place("request"))?)
            }
            Some("direct") => Login::Direct,
            Some("redirect") => {
                let authorize = object(&mut fields, "authorize")?;
                Login::Redirect {
                    authorize: self.authorize(authorize, fields.place("authorize"))?,
                    exchange: self.inner(&mut fields, "exchange")?,
                }
            }
            _ => return Err(fields.wrong("kind", "\"request\", \"direct\" or \"redirect\"")),
        };
        fields.finish()?;
        Ok(login)
    }

    fn authorize(&self, value: &Value, place: String) -> Result<AuthorizeTemplate> {
        let mut fields = Reader::open(value, place)?;
        let authorize = AuthorizeTemplate {
            url: self.required(&mut fields, "url")?,
            query: self.many(&mut fields, "query")?,
            pkce: fields.bool("pkce")?.unwrap_or(true),
            echoes_state: fields.bool("echoesState")?.unwrap_or(true),
            issuer: fields.text("issuer")?.map(str::to_owned),
            lifetime: fields.duration("lifetime")?.unwrap_or(REDIRECT_LIFETIME),
        };
        fields.finish()?;
        Ok(authorize)
    }

    fn second_factor(&self, value: &Value, place: String) -> Result<SecondFactor> {
        let mut fields = Reader::open(value, place)?;
        let when: Vec<Condition> =
            fields.list("when").iter().map(|value| condition(value, fields.place("when"))).collect::<Result<_>>()?;
        if when.is_empty() {
            return Err(fields.wrong("when", "a condition or a list of them"));
        }
        let request = fields.get("request").ok_or_else(|| fields.wrong("request", "a request template"))?;
        let request = self.request(request, fields.place("request"))?;
        fields.finish()?;
        Ok(SecondFactor { when, request })
    }

    fn check(&self, value: &Value, place: String) -> Result<Check> {
        let mut fields = Reader::open(value, place)?;
        let request = fields.get("request").ok_or_else(|| fields.wrong("request", "a request template"))?;
        let check = Check {
            request: self.request(request, fields.place("request"))?,
            subject: path(&mut fields, "subject")?.ok_or_else(|| fields.wrong("subject", "a dotted path"))?,
            text_only: fields.bool("textOnly")?.unwrap_or(false),
        };
        fields.finish()?;
        Ok(check)
    }

    fn presentation(&self, value: &Value, place: String) -> Result<Presentation> {
        let mut fields = Reader::open(value, place)?;
        let presentation = Presentation {
            headers: self.many(&mut fields, "headers")?,
            query: self.many(&mut fields, "query")?,
            basic: fields.get("basic").map(|value| self.basic(value, fields.place("basic"))).transpose()?,
            expired: fields.each("expired", status)?.unwrap_or_else(|| vec![401]),
            optional: fields.bool("optional")?.unwrap_or(false),
        };
        fields.finish()?;
        Ok(presentation)
    }
}

fn path(fields: &mut Reader<'_>, name: &'static str) -> Result<Option<Path>> {
    fields.read(name, |value| Path::parse(text(value)?))
}

fn paths(fields: &mut Reader<'_>, name: &'static str) -> Result<Option<Vec<Path>>> {
    fields.each(name, |value| Path::parse(text(value)?))
}

fn condition(value: &Value, place: String) -> Result<Condition> {
    let mut fields = Reader::open(value, place)?;
    let status = fields.each("status", status)?;
    let path = path(&mut fields, "path")?;
    let one_of = match (fields.get("equals"), fields.get("oneOf")) {
        (Some(_), Some(_)) => return Err(fields.wrong("oneOf", "left out where there is `equals`")),
        (Some(one), None) => Some(vec![one.clone()]),
        (None, Some(Value::List(any))) => Some(any.clone()),
        (None, Some(_)) => return Err(fields.wrong("oneOf", "a list")),
        // `equals: null` is a condition, a missing `equals` is none.
        (None, None) => matches!(value.get("equals"), Some(Value::Null)).then(|| vec![Value::Null]),
    };
    let present = fields.bool("present")?;
    if path.is_none() && (one_of.is_some() || present.is_some()) {
        return Err(fields.wrong("path", "given where there is `equals`, `oneOf` or `present`"));
    }
    if path.is_none() && status.is_none() {
        return Err(fields.wrong("status", "given where there is no `path`"));
    }
    fields.finish()?;
    Ok(Condition { status, path, one_of, present })
}

fn answer(value: &Value, place: String) -> Result<AnswerShape> {
    let mut fields = Reader::open(value, place)?;
    let format = fields
        .read("format", |value| match value.as_str() {
            Some("auto") => Ok(AnswerFormat::Auto),
            Some("json") => Ok(AnswerFormat::Json),
            Some("xml") => Ok(AnswerFormat::Xml),
            Some("text") => Ok(AnswerFormat::Text),
            _ => Err("\"auto\", \"json\", \"xml\" or \"text\""),
        })?
        .unwrap_or(AnswerFormat::Auto);
    let mut or_default = |name, default| -> Result<Path> {
        match path(&mut fields, name)? {
            Some(path) => Ok(path),
            None => Path::parse(default).map_err(|accepts| AuthError::config(name, accepts)),
        }
    };
    let access_token = or_default("accessToken", "access_token")?;
    let refresh_token = or_default("refreshToken", "refresh_token")?;
    let token_type = or_default("tokenType", "token_type")?;
    let scope = or_default("scope", "scope")?;
    let shape = AnswerShape {
        format,
        access_token,
        refresh_token,
        token_type,
        scope,
        subject: path(&mut fields, "subject")?,
        api_base: path(&mut fields, "apiBase")?,
        expires: match fields.get("expires") {
            None => Expires::In(Path::parse("expires_in").map_err(|accepts| fields.wrong("expires", accepts))?),
            Some(Value::String(never)) if never == "never" => Expires::Never,
            Some(value) => expires(value, fields.place("expires"))?,
        },
        require: fields
            .list("require")
            .iter()
            .map(|value| condition(value, fields.place("require")))
            .collect::<Result<_>>()?,
        lenient: fields.bool("lenient")?.unwrap_or(false),
        root: fields.text("root")?.unwrap_or("response").to_owned(),
    };
    fields.finish()?;
    Ok(shape)
}

fn expires(value: &Value, place: String) -> Result<Expires> {
    const ONE: &str = "\"never\" or an object with one of `in`, `at` and `after`";
    let Value::Map(members) = value else {
        return Err(AuthError::config(&place, ONE));
    };
    let kinds = members.iter().filter(|(key, _)| key != "unit").count();
    let mut fields = Reader::open(value, place.clone())?;
    let relative = path(&mut fields, "in")?;
    let moment = path(&mut fields, "at")?;
    let after = fields.read("after", |value| duration(value).map_err(|_| "a whole number of seconds, 0 or more"))?;
    let unit = fields
        .read("unit", |value| match value.as_str() {
            Some("s") => Ok(MomentUnit::Seconds),
            Some("ms") => Ok(MomentUnit::Milliseconds),
            Some("iso8601") => Ok(MomentUnit::Iso8601),
            _ => Err("\"s\", \"ms\" or \"iso8601\""),
        })?
        .unwrap_or(MomentUnit::Seconds);
    fields.finish()?;
    match (relative, moment, after) {
        _ if kinds != 1 => Err(AuthError::config(&place, ONE)),
        (Some(path), ..) => Ok(Expires::In(path)),
        (_, Some(path), _) => Ok(Expires::At(path, unit)),
        (.., Some(seconds)) => Ok(Expires::After(seconds.saturating_mul(1000))),
        _ => Err(AuthError::config(&place, ONE)),
    }
}

fn problem(value: &Value, place: String) -> Result<ProblemShape> {
    let defaults = |paths: &[&str]| -> Vec<Path> { paths.iter().filter_map(|path| Path::parse(path).ok()).collect() };
    let mut fields = Reader::open(value, place)?;
    let code = paths(&mut fields, "code")?;
    let message = paths(&mut fields, "message")?;
    let map = fields
        .texts("map")?
        .into_iter()
        .map(|(theirs, ours)| {
            let code = Code::parse(ours);
            code.map(|code| (theirs.to_owned(), code))
                .ok_or_else(|| fields.wrong(&["map.", theirs].concat(), "an error code"))
        })
        .collect::<Result<_>>()?;
    fields.finish()?;
    Ok(ProblemShape {
        code_despite_success: code.clone().unwrap_or_else(|| defaults(&["error.code", "error"])),
        code: code.unwrap_or_else(|| defaults(&["error.code", "error", "code"])),
        message: message.unwrap_or_else(|| defaults(&["error_description", "error.message", "message"])),
        map,
    })
}
