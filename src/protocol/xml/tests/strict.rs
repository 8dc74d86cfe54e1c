//! Where quick-xml, and others, read more than XML 1.0 has.

use super::{answer, fault, read, string};

#[rustfmt::skip]
pub(super) const STRICTER_THAN_THE_ORACLE: &[(&str, &str)] = &[
    ("<response>]]></response>", "`]]>` in text"),
    ("<response>a]]>b<a/></response>", "`]]>` in text"),
    ("<response><!-- a -- b --></response>", "two hyphens in a comment"),
    ("<response><!-- a ---></response>", "two hyphens in a comment"),
    ("<response/><!-- -- -->", "two hyphens in a comment"),
    ("<response><!-- \u{1} --></response>", "an illegal character"),
    ("<response><?a \u{0}?></response>", "an illegal character"),
    ("<response a='\u{1b}'/>", "an illegal character"),
    ("<response a='\u{fffe}'/>", "an illegal character"),
    ("<response><??></response>", "no name"),
    ("<??><response/>", "no name"),
    ("<response><? a?></response>", "no name"),
    ("<response><?1?></response>", "no name"),
    ("<response><?a\u{d7}?></response>", "no name of a processing instruction"),
    ("<response><?a?b?></response>", "no name of a processing instruction"),
    ("<!-- --><?xml version=\"1.0\"?><response/>", "a declaration that is not at the start"),
    ("<?a?><?xml version=\"1.0\"?><response/>", "a declaration that is not at the start"),
    ("<?xml version=\"1.0\"?><?xml version=\"1.0\"?><response/>", "a declaration that is not at the start"),
    ("<response><?XML x?></response>", "a declaration that is not at the start"),
    ("<?xml?><response/>", "a declaration that is not at the start"),
    ("<?xml ?><response/>", "a malformed declaration"),
    ("<?xml version=1.0?><response/>", "a malformed declaration"),
    ("<?xml version=\"2.0\"?><response/>", "a malformed declaration"),
    ("<?xml version=\"1.\"?><response/>", "a malformed declaration"),
    ("<?xml version='1.0\"?><response/>", "a malformed declaration"),
    ("<?xml encoding=\"utf-8\"?><response/>", "a malformed declaration"),
    ("<?xml encoding=\"utf-8\" version=\"1.0\"?><response/>", "a malformed declaration"),
    ("<?xml version=\"1.0\"encoding=\"utf-8\"?><response/>", "a malformed declaration"),
    ("<?xml version=\"1.0\" encoding=\"\"?><response/>", "a malformed declaration"),
    ("<?xml version=\"1.0\" encoding=\"8bit\"?><response/>", "a malformed declaration"),
    ("<?xml version=\"1.0\" standalone=\"maybe\"?><response/>", "a malformed declaration"),
    ("<?xml version=\"1.0\" more=\"1\"?><response/>", "a malformed declaration"),
    ("<?xml version=\"1.0\" ><response/>", "a malformed declaration"),
    ("<response a/>", "an attribute without a value"),
    ("<response a=/>", "an attribute without quotes"),
    ("<response a=b/>", "an attribute without quotes"),
    ("<response a='1'b='2'/>", "no tag"),
    ("<response a='1' a='2'/>", "an attribute twice"),
    ("<response 1='1'/>", "no name"),
    ("<response a='&'/>", "no end of a reference"),
    ("<response a='&no;'/>", "an unknown entity"),
    ("<response a='&#0;'/>", "an unknown entity"),
    ("<response/ >", "no tag"),
    ("<response><a\u{d7}/></response>", "no tag"),
    ("<response><\u{b7}a/></response>", "no name"),
    ("<response><\u{2000}/></response>", "no name"),
];

#[test]
fn refuses_what_other_readers_let_pass() {
    for &(text, expected) in STRICTER_THAN_THE_ORACLE {
        assert_eq!(fault(text), Some(expected), "{text}");
    }
}

#[test]
fn every_spelling_of_a_declaration_is_read() {
    for declaration in [
        "<?xml version=\"1.0\"?>",
        "<?xml version='1.0'?>",
        "<?xml\tversion = '1.1'\n?>",
        "<?xml version=\"1.0\" encoding='windows-1251' ?>",
        "<?xml version=\"1.0\" standalone=\"no\"?>",
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>",
        "<?xml-stylesheet href='a'?>",
        "<?xml version=\"1.0\"?><?xml-stylesheet?>",
    ] {
        assert_eq!(answer(&format!("{declaration}\n<response>1</response>")), Ok(string("1")), "{declaration}");
    }
}

#[test]
fn what_looks_odd_and_is_well_formed_is_read() {
    for (text, value) in [
        ("<response a = '1'\nb=\"'>\" c='&lt;&#10;>'>x</response >", "x"),
        ("<response><!----><!-- - --><?a ?b??>x</response>", "x"),
        ("<response>]]&gt;]] >]></response>", "]]>]] >]>"),
        ("<response>]]<!-- -->></response>", "]]>"),
        ("<response xmlns:a='b' a:c='d'>x</response>", "x"),
    ] {
        assert_eq!(answer(text), Ok(string(value)), "{text}");
    }
    assert_eq!(read("<_:é\u{b7}-.1/>", "_:é\u{b7}-.1"), Ok(string("")));
}
