use proptest::prelude::*;

use super::*;
use crate::protocol::encoding::hex;
use crate::protocol::steps::grows_linearly;

mod encoders;

fn knowing(secrets: &[&str]) -> Redactor {
    let mut redactor = Redactor::default();
    secrets.iter().for_each(|secret| redactor.add(secret));
    redactor
}

#[test]
fn a_secret_is_masked_in_every_form_it_may_come_back_in() {
    let redactor = knowing(&["p@ss/wörd&1"]);
    for form in [
        "p@ss/wörd&1",
        "p%40ss%2Fw%C3%B6rd%261",
        "p%40ss%2fw%c3%b6rd%261",
        "%70%40ss/w%C3%B6rd&1",
        "p%2540ss%252Fw%25C3%25B6rd%25261",
        "p@ss%2Fw%u00F6rd%261",
        r"p@ss\/w\u00f6rd\u00261",
        r"p@ss\/w\u00F6rd\u00261",
        r"p@ss/w\u{f6}rd\x261",
        "p@ss/wörd&amp;1",
        "p@ss&sol;w&ouml;rd&amp;1",
        "p&#64;ss&#x2f;w&#xF6;rd&#38;1",
        "70407373 2F77C3B6726426 31".replace(' ', "").as_str(),
        "704073732f77c3b672642631",
        "cEBzcy93w7ZyZCYx",
        "cEBzcy93w7ZyZCYx==",
    ] {
        assert_eq!(redactor.scrub(&["got <", form, ">"].concat()), "got <***>", "{form}");
    }
}

#[test]
fn a_form_has_a_plus_for_a_blank() {
    for form in ["a+b%2Bc+d", "a b+c d", "a%20b%2Bc%20d"] {
        assert_eq!(knowing(&["a b+c d"]).scrub(&["x=", form, "&y"].concat()), "x=***&y", "{form}");
    }
}

#[test]
fn a_secret_is_masked_in_the_bytes_of_older_programs() {
    for (secret, form) in [
        ("Пароль-Ёё", "%CF%E0%F0%EE%EB%FC-%A8%B8"),
        ("Пароль-Ёё", "z+Dw7uv8Lai4"),
        ("Пароль-Ёё", "cfe0f0eeebfc2da8b8"),
        ("caché-é", "%63ach%E9-%e9"),
        ("caché-é", "Y2FjaOkt6Q=="),
    ] {
        assert_eq!(knowing(&[secret]).scrub(&["a=", form, "&b"].concat()), "a=***&b", "{form}");
    }
}

#[test]
fn a_secret_that_is_added_later_is_known_too() {
    let mut redactor = knowing(&["first-one"]);
    assert_eq!(redactor.scrub("first-one later-one"), "*** later-one");
    let before = redactor.clone();
    redactor.add("later-one");
    assert_eq!(redactor.scrub("first-one later-one"), "*** ***");
    assert_eq!(before.scrub("first-one later-one"), "*** later-one");
}

#[test]
fn base64_is_found_among_other_bytes_and_over_line_ends() {
    let redactor = knowing(&["hunter2-hunter2"]);
    for (text, shown) in [
        ("dXNlcjpodW50ZXIyLWh1bnRlcjI=", "dXNlcj***"),
        ("see eyJwIjoiaHVudGVyMi1odW50ZXIyIn0.sig", "see eyJwIjoi***In0.sig"),
        ("/cGh1bnRlcjItaHVudGVyMg", "/c***"),
        ("aHVudGVyMi1o\r\ndW50ZXIy\r\n", "***\r\n"),
        ("x:aHVudGVyMi1odW50ZXIy==.", "x:***."),
    ] {
        assert_eq!(redactor.scrub(text), shown, "{text}");
    }
}

#[test]
fn a_secret_that_looks_encoded_is_found_as_it_is_and_decoded() {
    for secret in
        ["a%25b%41cd", r"back\nslash\\", "a&amp;b&lt;c", "%7B%22a%22%3A1%7D", "100%41bc", "abc\\", "%u0041bcdef"]
    {
        let redactor = knowing(&[secret]);
        let mut percent = String::new();
        form::percent_encode(secret, &mut percent);
        let json = json::write(&Value::text(secret));
        for form in [secret, &percent, json.trim_matches('"'), &hex(secret.as_bytes()), &base64url(secret.as_bytes())] {
            assert_eq!(redactor.scrub(&["'", form, "'"].concat()), "'***'", "{form}");
        }
    }
}

#[test]
fn secrets_that_overlap_share_a_mask() {
    assert_eq!(knowing(&["abc", "abcdef"]).scrub("abcdef abc"), "*** ***");
    assert_eq!(knowing(&["abcd", "cdef"]).scrub("abcdef"), "***");
    assert_eq!(knowing(&[""]).scrub("abc"), "abc");
    assert_eq!(knowing(&["я"]).scrub("где я?"), "где ***?");
}

#[test]
fn ordinary_text_is_left_alone() {
    let text = "The request failed (400): invalid_grant, see https://help.test/errors?id=42&lang=ru%20RU &amp; try again. \
        Пароль неверен. 5f3a9c00 dGhlIHdvcmxk \\u0041";
    let secrets = ["hunter2", "s3cr3t-t0ken", "qwertyuiop", "пароль123"];
    assert_eq!(knowing(&secrets).scrub(text), text);
}

#[test]
fn a_short_secret_counts_in_other_alphabets_only_as_a_whole_word() {
    let redactor = knowing(&["1"]);
    assert_eq!(redactor.scrub("MQ and MQ== and 31"), "*** and *** and ***");
    assert_eq!(redactor.scrub("TERMINATED MATCH, 0x2e31ff"), "TERMINATED MATCH, 0x2e3***ff");
    assert_eq!(redactor.scrub("%31 &#49;"), "*** ***");
}

#[test]
fn a_secret_cut_at_the_end_of_what_is_shown_is_masked_whole() {
    let secret = "0123456789abcdef".repeat(20);
    let redactor = knowing(&[&secret]);
    for before in [SHOWN - 10, SHOWN - secret.len(), SHOWN - 1] {
        let text = ["x".repeat(before), hex(secret.as_bytes()), "y".repeat(100_000)].concat();
        assert_eq!(
            redactor.scrub_start(&text),
            ["x".repeat(before), MASK.to_owned()].concat()[..].to_owned()
                + &"y".repeat(SHOWN.saturating_sub(before + secret.len() * 2))
        );
    }
    assert_eq!(redactor.scrub_start(&"я".repeat(SHOWN)), "я".repeat(SHOWN / 2));
}

#[test]
fn a_traced_address_hides_by_name_and_by_value() {
    let redactor = knowing(&["hunter2", "S3cret-Host", "x"]);
    for (address, shown) in [
        (
            "https://u:p@a/b/hunter2?access_token=y&q=hunter2&page=2&empty=&flag#access_token=y",
            "https://a/b/***?access_token=***&q=***&page=2&empty=&flag",
        ),
        ("https://a/b", "https://a/b"),
        ("https://a", "https://a"),
        ("https://a.test?token=hunter2", "https://a.test?token=***"),
        ("https://a.test?hunter2", "https://a.test?***"),
        ("https://a.test?hunter2=1&a[hunter2]=2", "https://a.test?***=1&a[***]=2"),
        ("https://hunter2.a.test/", "https://***.a.test/"),
        ("https://s3cret-host.a.test:8443/?a=b", "https://***.a.test:8443/?a=b"),
        ("https://u@v@a.test/", "https://a.test/"),
        ("https://a.test/@b?c=@d", "https://a.test/@b?c=@d"),
        ("https://a.test/x/?x=1&y=x&z=axb&xy", "https://a.test/x/?x=1&y=***&z=***&***y"),
        ("https://a.test/?y=pre-hunter2-post", "https://a.test/?y=***"),
        ("https://a.test/?y=aHVudGVyMg%3D%3D", "https://a.test/?y=***"),
        (
            "https://a.test/?acc%65ss%5Ftoken=1&user%5Bpassword%5D=2",
            "https://a.test/?acc%65ss%5Ftoken=***&user%5Bpassword%5D=***",
        ),
        ("https://a.test/?a=1?code=2&b=3", "https://a.test/?a=1?code=***&b=3"),
        ("https://a.test/?token=a/b;c=d?e&f=/g", "https://a.test/?token=***&f=/g"),
        ("https://a.test/b;jsessionid=1/c;v=2?d", "https://a.test/b;jsessionid=***/c;v=2?d"),
        ("https://a.test/?refresh_token=&b=1", "https://a.test/?refresh_token=&b=1"),
        ("com.example.app:/cb?code=1&b=hunter2", "com.example.app:/cb?code=***&b=***"),
        ("/relative?code=1", "/relative?code=***"),
        ("", ""),
    ] {
        assert_eq!(shown_url(address, &redactor), shown, "{address}");
    }
}

#[test]
fn a_secret_with_marks_of_an_address_is_hidden_across_its_parts() {
    let redactor = knowing(&["a/b?c=d&e=f"]);
    for address in
        ["https://h.test/a/b?c=d&e=f&g=h", "https://h.test/?x=a/b?c=d&e=f&g=h", "https://h.test/a%2Fb%3Fc=d%26e=f?g=h"]
    {
        let shown = shown_url(address, &redactor);
        assert!(shown.starts_with("https://h.test/") && shown.ends_with("g=h"), "{shown}");
        assert!(!shown.contains("c=d") && !shown.contains("e=f"), "{shown}");
    }
}

#[test]
fn masking_grows_with_text_and_secrets_and_not_with_their_product() {
    let long = |size: usize, seed: usize| -> String {
        (0..size).map(|at| char::from(b'a' + ((at * 7 + at / 26 + seed) % 26) as u8)).collect()
    };
    // A text that nearly holds the secret everywhere; many secrets; many starts of one secret.
    for (secret, part) in [(65_536, "a".to_owned()), (4_096, long(1_000, 1)), (1_024, "YWFh".to_owned())] {
        let secret = ["a".repeat(secret), "!".to_owned()].concat();
        grows_linearly(16_384, 200, |size| {
            let text = part.repeat(size / part.len());
            assert_eq!(knowing(&[&secret[..secret.len().min(size) - 1], "never there"]).scrub("x"), "x");
            let _masked = knowing(&[&secret]).scrub(&text);
        });
    }
    grows_linearly(200, 20_000, |size| {
        let secrets: Vec<String> = (0..size).map(|seed| long(40, seed * 11)).collect();
        let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
        let text: String = secrets.iter().map(|secret| [&secret[..39], " "].concat()).collect();
        let _masked = knowing(&secrets).scrub(&text);
    });
    let escapes = ["%25", "&amp;", "\\u0041", "%", "&", "\\", "ab", "YWI"];
    for part in escapes {
        grows_linearly(16_384, 200, |size| {
            let _masked = knowing(&["abababababab%", "YWI"]).scrub(&part.repeat(size / part.len()));
        });
    }
}

#[test]
fn showing_an_address_grows_with_it() {
    for part in ["a=b&", "&", "?", "=", ";", "/", "token=hunter2&", "a=hunter2&", "%3D", "hunter2/", ";sid=1"] {
        grows_linearly(4_096, 300, |size| {
            for start in ["https://a.test/?", "https://a.test/", "https://", ""] {
                let _shown = shown_url(&[start, &part.repeat(size / part.len())].concat(), &knowing(&["hunter2", "b"]));
            }
        });
    }
}
