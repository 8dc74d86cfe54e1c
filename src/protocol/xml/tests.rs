use proptest::prelude::*;

use super::{MAX_DEPTH, MAX_NAMES, Malformed, read};
use crate::protocol::steps::grows_linearly;
use crate::value::Value;

mod oracle;
mod strict;

fn answer(text: &str) -> Result<Value, Malformed> {
    read(text, "response")
}

fn fault(text: &str) -> Option<&'static str> {
    answer(text).err().map(|error| error.what)
}

fn string(text: &str) -> Value {
    Value::String(text.into())
}

fn map<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Map(members.map(|(name, value)| (name.into(), value)).into())
}

/// What `<response><a>` reads of this content, when it is a text.
fn text_of(content: &str) -> Option<String> {
    match answer(&format!("<response><a>{content}</a></response>")) {
        Ok(Value::Map(members)) => match members.as_slice() {
            [(name, Value::String(text))] if name == "a" => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}

#[test]
fn reads_the_answers_that_bstats_prints() {
    let token = "<response>\n    <access_token>ACCESS_TOKEN</access_token> \n</response>";
    assert_eq!(answer(token), Ok(map([("access_token", string("ACCESS_TOKEN"))])));
    let error = "<response>\n    <error>invalid_request</error> \n</response>";
    assert_eq!(answer(error), Ok(map([("error", string("invalid_request"))])));
}

#[test]
fn reads_texts_maps_lists_and_empty_elements() {
    let text = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<!-- x --><?skip this?>\n\
        <response version='1>2' x=\"a\">\r\n<a/><b x='1' /><c></c>\n<item>1</item><d><e> é </e><f/></d><item/>\
        <!-- between --><item><g>2</g></item><?skip?></response >\n<!-- after --> <?after?>\n";
    let items = Value::List(vec![string("1"), string(""), map([("g", string("2"))])]);
    let nested = map([("e", string("é")), ("f", string(""))]);
    let expected = [("a", string("")), ("b", string("")), ("c", string("")), ("item", items), ("d", nested)];
    assert_eq!(answer(text), Ok(map(expected)));
    assert_eq!(answer("<response/>"), Ok(string("")));
    assert_eq!(answer("<response>\n</response>"), Ok(string("")));
    assert_eq!(answer("<response> denied </response>"), Ok(string("denied")));
    assert_eq!(read("<п:о>1</п:о>", "п:о"), Ok(string("1")));
}

#[test]
fn lists_of_lists_stay_apart() {
    let text = "<response><a><a>1</a><a>2</a></a><a>3</a><a>4</a></response>";
    let inner = map([("a", Value::List(vec![string("1"), string("2")]))]);
    assert_eq!(answer(text), Ok(map([("a", Value::List(vec![inner, string("3"), string("4")]))])));
}

#[test]
fn tolerates_a_byte_order_mark_and_a_blank_line_before_the_declaration() {
    assert_eq!(answer("\u{feff}<?xml version=\"1.0\"?><response>1</response>"), Ok(string("1")));
    assert_eq!(answer("\r\n<?xml version=\"1.0\"?><response>1</response>"), Ok(string("1")));
}

#[test]
fn decodes_references_and_takes_cdata_as_it_is() {
    for (content, text) in [
        ("&lt;&gt;&amp;&apos;&quot;", "<>&'\""),
        ("a&#66;&#x43;&#x1F600;&#0000100;d", "aBC😀dd"),
        ("&amp;lt;", "&lt;"),
        ("<![CDATA[<b>&amp;</b>]]>", "<b>&amp;</b>"),
        ("x<![CDATA[]]]]><![CDATA[>]]>y", "x]]>y"),
        ("a<!-- b -->c<?d e?>f", "acf"),
        (" \t\r\n a  b\u{a0} \n", "a  b\u{a0}"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a&#13;&#10;b", "a\r\nb"),
        ("\u{85}\u{7f}\u{fffd}", "\u{85}\u{7f}\u{fffd}"),
        ("'\">", "'\">"),
    ] {
        assert_eq!(text_of(content).as_deref(), Some(text), "{content}");
    }
}

#[rustfmt::skip]
const BAD_REFERENCES: &[&str] = &[
    "&", "&;", "&lt", "&amp", "a & b", "&nbsp;", "&LT;", "& lt;", "&lt ;", "&#;", "&#x;", "&#X41;", "&#0;", "&#1;",
    "&#x1f;", "&#xB;", "&#xFFFE;", "&#xFFFF;", "&#xD800;", "&#xDFFF;", "&#x110000;", "&#4294967361;", "&#-65;",
    "&#+65;", "&#6a;", "&# 65;", "&&lt;;",
];

#[test]
fn refuses_references_to_anything_else() {
    for &content in BAD_REFERENCES {
        assert_eq!(text_of(content), None, "{content}");
        assert!(answer(&format!("<response><a>{content}</a></response>")).is_err(), "{content}");
    }
}

#[test]
fn refuses_document_types() {
    for text in [
        "<!DOCTYPE response><response>1</response>",
        "<!doctype html><response>1</response>",
        "<!DOCTYPE response [<!ENTITY a \"1\">]><response>&a;</response>",
        "<!DOCTYPE response [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><response>&a;</response>",
        "<?xml version=\"1.0\"?><!DOCTYPE response SYSTEM \"http://localhost/\"><response/>",
        "<response><!DOCTYPE a></response>",
        "<response/><!DOCTYPE response>",
    ] {
        assert_eq!(fault(text), Some("a document type"), "{text}");
    }
}

#[test]
fn refuses_other_roots() {
    for text in
        ["<html></html>", "<Response/>", "<x:response/>", "<responses/>", "<a><response/></a>", "<!-- --><html/>"]
    {
        assert_eq!(fault(text), Some("another root element"), "{text}");
    }
    assert_eq!(fault("<response/><response/>"), Some("another root element"));
    assert_eq!(fault("<response>1</response><a/>"), Some("another root element"));
}

#[rustfmt::skip]
const OUTSIDE: &[&str] = &[
    "x<response/>", "<response/>x", "<response/>\u{0}", "&lt;<response/>", "<response/>&#32;",
    "<![CDATA[ ]]><response/>", "<response/><![CDATA[]]>", "<response/><?xml version=\"1.0\"?>",
    "<response><?xml version=\"1.0\"?></response>", "<response/></response>", "\u{a0}<response/>", "</response>",
];

#[test]
fn refuses_what_stands_outside_the_root() {
    for &text in OUTSIDE {
        assert!(answer(text).is_err(), "{text}");
    }
}

#[rustfmt::skip]
const ILL_FORMED: &[&str] = &[
    "", " ", "response", "{}", "<>", "</>", "<response", "<response>", "<response/", "< response/>",
    "<response></Response>", "<response><a></response></a>", "<response><a></response>", "<response></a></response>",
    "<response><a</response>", "<response><a><b></a></b></response>", "<response><a>1</a</response>",
    "<response><<a>1</a></response>", "<response><></></response>", "<response><1a/></response>",
    "<response><-a/></response>", "<response><.a/></response>", "<response><a=b/></response>", "<response><a/b/></response>",
    "<response><a x='<'/></response>", "<response><a b=\"1/></response>", "<response></response x='1'>",
    "<response><!-- </response>", "<response><![CDATA[ </response>", "<response><?a </response>",
    "<response><!a></response>", "<response><!></response>", "<response><!-></response>",
    "<response><!--></response>", "<response><!---></response>", "<response><![cdata[]]></response>",
    "<response><?></response>", "<response>\u{1}</response>", "<response>\u{ffff}</response>",
    "<response><![CDATA[\u{b}]]></response>",
];

#[test]
fn refuses_what_is_not_well_formed() {
    for &text in ILL_FORMED {
        assert!(answer(text).is_err(), "{text}");
    }
}

#[test]
fn refuses_text_next_to_elements() {
    for text in [
        "<response>x<a/></response>",
        "<response><a/>x</response>",
        "<response><a/>&#120;<b/></response>",
        "<response><a/><![CDATA[x]]></response>",
        "<response><a>1<b/></a></response>",
        "<response><a/>\u{a0}</response>",
    ] {
        assert_eq!(fault(text), Some("text next to elements"), "{text}");
    }
}

#[test]
fn reads_as_deep_as_promised_and_no_deeper() {
    let nested = |depth: usize| format!("<response>{}{}</response>", "<a>".repeat(depth - 1), "</a>".repeat(depth - 1));
    assert!(answer(&nested(MAX_DEPTH)).is_ok());
    assert_eq!(fault(&nested(MAX_DEPTH + 1)), Some("nested too deeply"));
    assert_eq!(fault(&nested(100_000)), Some("nested too deeply"));
}

#[test]
fn hostile_bodies_take_no_longer_than_others() {
    let named = |count: usize| (0..count).map(|name| format!("<a{name}/>")).collect::<String>();
    assert_eq!(fault(&format!("<response>{}</response>", named(100_000))), Some("too many different names"));
    let attributes: String = (0..=MAX_NAMES).map(|name| format!(" a{name}=''")).collect();
    assert_eq!(fault(&format!("<response{attributes}/>")), Some("too many attributes"));
    let last = format!("<a{}/>", MAX_NAMES - 1);
    grows_linearly(65_536, 20, |size| {
        let body = format!("<response>{}{}</response>", named(MAX_NAMES), last.repeat(size / last.len()));
        assert!(answer(&body).is_ok());
    });
    for part in [
        "<",
        "&",
        "&lt;",
        "<!--",
        "<![CDATA[",
        "<?",
        "<!DOCTYPE [",
        "]",
        "a='",
        "<a ",
        "</a>",
        "]]>",
        "-->",
        "<a><b>",
        "<!-- -->",
        "<?a?>",
        "<a b=''/>",
        "\r",
        "é",
        " ",
        "<![CDATA[x]]>",
    ] {
        grows_linearly(16_384, 20, |size| {
            let _judged = answer(&format!("<response x='{}'>{}", "&lt;".repeat(64), part.repeat(size / part.len())));
        });
    }
}

/// Writes a value back, escaped with the means that the bits of `choice` name.
fn print(name: &str, value: &Value, choice: &mut impl FnMut() -> u8, out: &mut String) {
    if let Value::List(items) = value {
        return items.iter().for_each(|item| print(name, item, choice, out));
    }
    let empty = matches!(value, Value::String(text) if text.is_empty());
    if empty && choice().is_multiple_of(2) {
        return out.push_str(&format!("<{name} a='>'/>"));
    }
    out.push_str(&format!("<{name}>"));
    match value {
        Value::String(text) => text.chars().for_each(|char| match (char, choice() % 4) {
            ('<', 0) => out.push_str("&lt;"),
            ('&', 0) => out.push_str("&amp;"),
            ('>', 0) => out.push_str("&gt;"),
            ('<' | '&' | '>', 1) => out.push_str(&format!("<![CDATA[{char}]]>")),
            ('<' | '&' | '>' | '\r', 2) | (_, 3) => out.push_str(&format!("&#x{:X};", u32::from(char))),
            ('<' | '&' | '>' | '\r', _) => out.push_str(&format!("&#{};", u32::from(char))),
            _ => out.push(char),
        }),
        Value::Map(members) => {
            for (name, value) in members {
                out.push_str(["", "\n  ", "<!-- <a> & -->", "<?p <a> ?>"][usize::from(choice() % 4)]);
                print(name, value, choice, out);
            }
        }
        _ => {}
    }
    out.push_str(&format!("</{name}>"));
}

/// Trees that XML can hold: no empty map, lists of two or more, no list in a list.
fn value() -> impl Strategy<Value = Value> {
    let text = prop_oneof!["[!-~а-я\u{1f600}]{0,12}", "[<>&'\"x]( |\r|\n|[a-c<>&\\]\\[]){0,9}[a-z;]"];
    let names = "[a-zA-Z_][a-z0-9._-]{0,3}";
    let leaf = text.prop_map(Value::String);
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let list = prop::collection::vec(inner.clone(), 2..4).prop_map(Value::List);
        let member = prop_oneof![3 => inner, 1 => list];
        prop::collection::btree_map(names, member, 1..5).prop_map(|map| Value::Map(map.into_iter().collect()))
    })
}

fn soup() -> impl Strategy<Value = String> {
    const TOKENS: &[&str] = &[
        "<response>",
        "</response>",
        "<response/>",
        "<a>",
        "</a>",
        "<a/>",
        "<",
        ">",
        "/",
        "&",
        ";",
        "&lt;",
        "&#",
        "x",
        "<!--",
        "-->",
        "--",
        "-",
        "<![CDATA[",
        "]]>",
        "]",
        "[",
        "<?",
        "?>",
        "?",
        "xml ",
        "<!DOCTYPE",
        "<!ENTITY",
        "<!ELEMENT",
        "<!NOTAT",
        "!",
        "\"",
        "'",
        "=",
        " ",
        "\n",
        "é",
        "\u{feff}",
        "xml version='1.0'",
        "<?xml version=\"1.0\"?>",
        " a='1'",
        "a=\"<\"",
        "&#x41;",
        "\u{1}",
        "\u{d7}",
        "\r",
    ];
    prop::collection::vec(prop::sample::select(TOKENS), 0..16).prop_map(|tokens| tokens.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_was_printed_reads_the_same_and_no_part_passes_for_the_whole(
        value in value(),
        choices in prop::collection::vec(any::<u8>(), 1..64),
    ) {
        let mut choices = choices.iter().copied().cycle();
        let mut text = String::new();
        print("response", &value, &mut || choices.next().unwrap_or_default(), &mut text);
        prop_assert_eq!(answer(&text), Ok(value), "{}", text);
        for (end, _) in text.char_indices() {
            prop_assert!(answer(&text[..end]).is_err(), "{}", &text[..end]);
        }
    }

    #[test]
    fn takes_any_text(soup in soup(), any: String) {
        for before in ["", "<response>", "<response><a>", "<!DOCTYPE "] {
            agrees_with_the_oracle(&format!("{before}{soup}"))?;
            agrees_with_the_oracle(&format!("{before}{any}</response>"))?;
        }
    }

    #[test]
    fn damaged_documents_are_judged_as_by_the_oracle(
        value in value(),
        choices in prop::collection::vec(any::<u8>(), 1..64),
        damage in prop::collection::vec((any::<usize>(), soup()), 1..3),
    ) {
        let mut choices = choices.iter().copied().cycle();
        let mut text = String::from("<?xml version='1.0'?>");
        print("response", &value, &mut || choices.next().unwrap_or_default(), &mut text);
        let mut chars: Vec<char> = text.chars().collect();
        for (at, patch) in damage {
            let start = at % (chars.len() + 1);
            let end = (start + at / 1000 % 4).min(chars.len());
            chars.splice(start..end, patch.chars().take(5));
        }
        agrees_with_the_oracle(&chars.into_iter().collect::<String>())?;
    }
}

/// What we read, the oracle reads the same. What we refuse it refuses too, but for what it is known not to look at.
fn agrees_with_the_oracle(text: &str) -> Result<(), TestCaseError> {
    match (answer(text), oracle::read(text, "response")) {
        (Ok(ours), theirs) => prop_assert_eq!(Ok(ours), theirs, "{:?}", text),
        (Err(error), theirs) => {
            prop_assert!(text.is_char_boundary(error.at), "{:?}: {:?}", text, error);
            let is_known = strict::STRICTER_THAN_THE_ORACLE.iter().any(|(_, fault)| *fault == error.what);
            prop_assert!(theirs.is_err() || is_known, "{:?}: {:?}", text, error);
        }
    }
    Ok(())
}
