//! What the first half of a module that was cut in two shows to the rest: some hundred functions, by name. In the order of their
//! numbers, with names in the order of the alphabet and all of one length, each says next to nothing that the one before has not
//! said, and so takes next to no room as it travels (`pkg-template/streams.mjs`).

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use wasmparser::{ExportSectionReader, ExternalKind, Parser, Payload};

/// A module whose exports are in order, and the new names by those that they had.
pub(super) fn ordered(module: &[u8]) -> Result<(Vec<u8>, BTreeMap<String, String>)> {
    // Letters and version, which belong to no section.
    let mut out = module.get(..8).context("this is no module")?.to_vec();
    let mut names = BTreeMap::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.context("cannot read the module")?;
        let Some((id, range)) = payload.as_section() else { continue };
        let mut content = module.get(range).unwrap_or_default().to_vec();
        if let Payload::ExportSection(exports) = payload {
            (content, names) = written(exports)?;
        }
        out.push(id);
        out.extend(size(content.len()));
        out.extend(content);
    }
    ensure!(!names.is_empty(), "the module shows nothing");
    Ok((out, names))
}

fn written(exports: ExportSectionReader<'_>) -> Result<(Vec<u8>, BTreeMap<String, String>)> {
    let mut exports = exports.into_iter().collect::<Result<Vec<_>, _>>().context("cannot read the exports")?;
    exports.sort_by_key(|export| (export.kind == ExternalKind::Func, export.kind as u8, export.index));
    let pairs = (b'a'..=b'z').flat_map(|first| (b'a'..=b'z').map(move |second| [first, second]));
    ensure!(exports.len() <= pairs.clone().count(), "the module has more exports than there are names");
    let mut content = size(exports.len());
    let mut names = BTreeMap::new();
    for (export, [first, second]) in exports.into_iter().zip(pairs) {
        // In two bytes, also where one would do.
        let [low, high] = [export.index & 127 | 128, export.index >> 7];
        let high = u8::try_from(high).ok().filter(|high| *high < 128);
        let high = high.context("the module has more functions than two bytes can tell apart")?;
        content.extend([2, first, second, export.kind as u8, low as u8, high]);
        names.insert(export.name.to_owned(), [first, second].map(char::from).iter().collect());
    }
    Ok((content, names))
}

/// As modules write their sizes: seven bits a byte, the lowest first.
fn size(mut size: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while size > 127 {
        bytes.push(size as u8 | 128);
        size >>= 7;
    }
    bytes.push(size as u8);
    bytes
}

#[cfg(test)]
mod tests {
    use walrus::{ConstExpr, FunctionBuilder, Module, ValType, ir::Value};

    use super::*;

    #[test]
    fn exports_are_in_order_and_lead_to_what_they_led_to() {
        let mut module = Module::default();
        let global = module.globals.add_local(ValType::I32, false, false, ConstExpr::Value(Value::I32(7)));
        let mut functions: Vec<_> = (0..3)
            .map(|number| {
                let mut builder = FunctionBuilder::new(&mut module.types, &[], &[ValType::I32]);
                builder.func_body().i32_const(number);
                builder.finish(vec![], &mut module.funcs)
            })
            .collect();
        functions.rotate_left(1);
        for (name, id) in ["some", "other", "third"].into_iter().zip(functions) {
            module.exports.add(name, id);
        }
        module.exports.add("value", global);
        let before = module.emit_wasm();
        let (after, names) = ordered(&before).unwrap();

        let told = |bytes: &[u8]| {
            let exports = Parser::new(0).parse_all(bytes).find_map(|payload| match payload.unwrap() {
                Payload::ExportSection(exports) => Some(exports),
                _ => None,
            });
            let told =
                exports.unwrap().into_iter().map(|export| export.map(|one| (one.name.to_owned(), one.kind, one.index)));
            told.collect::<Result<Vec<_>, _>>().unwrap()
        };
        let (old, new) = (told(&before), told(&after));
        assert_eq!(new.iter().map(|(name, ..)| name.as_str()).collect::<Vec<_>>(), ["aa", "ab", "ac", "ad"]);
        assert_eq!(new[0].1, ExternalKind::Global, "functions come last");
        assert!(new[1..].windows(2).all(|two| two[0].2 < two[1].2), "{new:?}");
        for (name, kind, index) in old {
            assert!(new.contains(&(names[&name].clone(), kind, index)), "{name}: {new:?}");
        }
        wasmparser::validate(&after).unwrap();
    }

    #[test]
    fn a_module_without_exports_is_refused() {
        assert!(ordered(&Module::default().emit_wasm()).is_err());
        assert!(ordered(b"").is_err());
    }
}
