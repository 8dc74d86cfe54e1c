//! No form of a secret that an encoder writes survives, nor a form of a form.

use super::*;

/// How encoders vary: what they may leave as it is, and in which case they write digits.
type Choice<'c> = &'c mut dyn FnMut() -> usize;

fn percent(text: &str, choose: Choice<'_>) -> String {
    (text.bytes())
        .map(|byte| match (byte, choose() % 3) {
            (b'-' | b'.' | b'_' | b'~' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9', 0 | 1) => {
                char::from(byte).to_string()
            }
            (_, 0) => format!("%{byte:02x}"),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

fn in_form(text: &str, choose: Choice<'_>) -> String {
    let encoded = percent(text, choose);
    encoded.replace("%20", "+")
}

fn in_json(text: &str, choose: Choice<'_>) -> String {
    (text.encode_utf16())
        .map(|unit| match (char::from_u32(u32::from(unit)), choose() % 4) {
            (Some('/'), 0) => "\\/".to_owned(),
            (Some('"'), 0 | 1) => "\\\"".to_owned(),
            (Some('\\'), 0 | 1) => "\\\\".to_owned(),
            (Some('\n'), 0 | 1) => "\\n".to_owned(),
            (Some(char @ (' '..='!' | '#'..='[' | ']'..='~')), 0..=2) => char.to_string(),
            (_, 0) => format!("\\u{unit:04X}"),
            _ => format!("\\u{unit:04x}"),
        })
        .collect()
}

fn in_html(text: &str, choose: Choice<'_>) -> String {
    let named = |char| {
        Some(match char {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\'' => "&apos;",
            'é' => "&eacute;",
            _ => return None,
        })
    };
    (text.chars())
        .map(|char| match (named(char), choose() % 4) {
            (Some(named), 0 | 1) => named.to_owned(),
            (None, 0 | 1) => char.to_string(),
            (_, 2) => format!("&#{};", u32::from(char)),
            _ if choose().is_multiple_of(2) => format!("&#x{:x};", u32::from(char)),
            _ => format!("&#x{:02X};", u32::from(char)),
        })
        .collect()
}

fn in_hex(text: &str, choose: Choice<'_>) -> String {
    let digits = hex(text.as_bytes());
    if choose().is_multiple_of(2) { digits } else { digits.to_uppercase() }
}

fn in_base64(text: &str, choose: Choice<'_>) -> String {
    match choose() % 3 {
        0 => base64(text.as_bytes()),
        1 => base64(text.as_bytes()).trim_end_matches('=').to_owned(),
        _ => base64url(text.as_bytes()),
    }
}

const ENCODERS: [fn(&str, Choice<'_>) -> String; 7] =
    [|text, _| text.to_owned(), percent, in_form, in_json, in_html, in_hex, in_base64];

/// Texts of people and of programs, and such as look encoded already.
fn secret() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z0-9_-]{6,40}",
        "[ -~]{6,20}",
        "\\PC{6,12}",
        "([a-f0-9]|%[0-9A-F]{2}|%25|&amp;|&#[0-9]{2};|\\\\n|\\\\u00[0-9a-f]{2}|\\+| |é|я|😀|/|\"|'|\\\\|\n){6,16}",
    ]
}

/// The choices over and over.
fn cycle(choices: &[usize]) -> impl FnMut() -> usize {
    let mut choices = choices.iter().copied().cycle();
    move || choices.next().unwrap_or_default()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_form_survives_nor_a_form_of_a_form(
        secret in secret(),
        (first, second) in (prop::sample::select(&ENCODERS[..]), prop::sample::select(&ENCODERS[..])),
        choices in prop::collection::vec(0_usize..12, 1..30),
        (before, behind) in prop::sample::select(vec![("got <", ">!"), ("", ""), ("a=", "&b=1"), ("\"", "\""), ("Ошибка: ", ".")]),
    ) {
        let mut choose = cycle(&choices);
        let form = second(&first(&secret, &mut choose), &mut choose);
        let shown = knowing(&[&secret]).scrub(&[before, &form, behind].concat());
        // What pads base64 within another encoding may be left.
        let rest = shown.strip_prefix(&[before, MASK].concat()).and_then(|rest| rest.strip_suffix(behind));
        prop_assert!(rest.is_some_and(|rest| rest.len() <= 24 && rest.len() * 3 < form.len() && form.ends_with(rest)), "{} as {} is shown {}", secret, form, shown);
        prop_assert!(rest == Some("") || first("===", &mut choose).len() < 8 || second("===", &mut choose).len() < 8, "{}", shown);
    }

    #[test]
    fn base64_and_hex_are_found_with_any_bytes_around(
        secret in secret(),
        before: Vec<u8>,
        behind: Vec<u8>,
        is_url: bool,
    ) {
        let whole = [&before[..], secret.as_bytes(), &behind].concat();
        let form = if is_url { base64url(&whole) } else { base64(&whole) };
        let (start, end) = (before.len() * 4 / 3, ((before.len() + secret.len()) * 4).div_ceil(3));
        let redactor = knowing(&[&secret]);
        let shown = redactor.scrub(&form);
        prop_assert!(shown.contains(MASK), "{} in {} is shown", secret, form);
        prop_assert!(!shown.contains(&form[start + 1..end - 1]), "{} in {} is shown", secret, form);
        let form = hex(&whole);
        let shown = redactor.scrub(&form);
        prop_assert!(shown.contains(MASK) && !shown.contains(&hex(secret.as_bytes())), "{} in {}", secret, form);
    }

    #[test]
    fn any_text_around_a_secret_leaves_it_masked(secret in secret(), before in "\\PC{0,12}", behind in "\\PC{0,12}") {
        let shown = knowing(&[&secret]).scrub(&[&before[..], &secret, &behind].concat());
        prop_assert!(!shown.contains(&secret), "{}", shown);
    }

    #[test]
    fn a_text_without_the_secret_stays_as_it_is(secret in "[A-Z]{6,20}", text in "[a-z0-9%&;+=\\\\/\" яé]{0,200}") {
        prop_assert_eq!(knowing(&[&secret]).scrub(&text), text);
    }

    #[test]
    fn no_address_shows_the_secret(
        secret in secret(),
        encoder in prop::sample::select(&ENCODERS[1..3]),
        choices in prop::collection::vec(0_usize..12, 1..30),
        place in 0_usize..6,
    ) {
        let form = encoder(&secret, &mut cycle(&choices));
        let address = match place {
            0 => ["https://a.test?q=", &form, "&b=1"].concat(),
            1 => ["https://a.test/v1/", &form, "/x?b=1"].concat(),
            2 => ["https://a.test/?", &form, "=1&b=1"].concat(),
            3 => ["https://a.test/?c=d&", &form].concat(),
            4 => ["https://u:", &form, "@a.test/?b=1"].concat(),
            _ => ["https://a.test/?b=1#", &form].concat(),
        };
        let shown = shown_url(&address, &knowing(&[&secret]));
        prop_assert!(!shown.contains(&form) && !shown.contains(&secret), "{}", shown);
        prop_assert!(shown.starts_with("https://a.test"), "{}", shown);
    }
}
