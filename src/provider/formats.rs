//! How a credential must look before it is sent.

use super::cut::concat;

/// A known look, which people write in several ways and the provider takes in one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A Russian mobile number: sent as 11 digits that start with 7.
    RuPhone,
}

impl Format {
    /// The format of that name.
    pub fn parse(name: &str) -> Option<Self> {
        (name == "ru-phone").then_some(Self::RuPhone)
    }

    /// What callers may write.
    pub const fn accepts(self) -> &'static str {
        match self {
            Self::RuPhone => "a Russian phone number of 11 digits, such as 79991234567 or +7 (999) 123-45-67",
        }
    }

    /// The text as the provider takes it; `None` when it has another look.
    pub fn normalize(self, text: &str) -> Option<String> {
        match self {
            Self::RuPhone => ru_phone(text),
        }
    }
}

fn ru_phone(text: &str) -> Option<String> {
    let mut digits = String::new();
    let mut has_plus = false;
    for character in text.trim_ascii().chars() {
        match character {
            '0'..='9' => digits.push(character),
            '+' if digits.is_empty() && !has_plus => has_plus = true,
            ' ' | '\u{a0}' => {}
            '-' | '\u{2011}' | '(' | ')' if !digits.is_empty() => {}
            _ => return None,
        }
    }
    let (first, subscriber) = digits.split_at_checked(1)?;
    let is_russian = first == "7" || (first == "8" && !has_plus);
    (is_russian && subscriber.len() == 10).then(|| concat(&["7", subscriber]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_russian_number_is_sent_as_eleven_digits() {
        for written in [
            "79991234567",
            "+79991234567",
            "+7 (999) 123-45-67",
            "8 (999) 123-45-67",
            "89991234567",
            " 7 999 123 45 67 ",
            "+7\u{a0}999\u{a0}123‑45‑67",
        ] {
            assert_eq!(Format::RuPhone.normalize(written).as_deref(), Some("79991234567"), "{written}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for written in [
            "",
            "+",
            "9991234567",
            "7999123456",
            "799912345678",
            "+89991234567",
            "+375291234567",
            "user@example.com",
            "7999123456x",
            "٧٩٩٩١٢٣٤٥٦٧",
            "7.999.123.45.67",
            "(7)9991234567",
            "++79991234567",
            "69991234567",
        ] {
            assert_eq!(Format::RuPhone.normalize(written), None, "{written}");
        }
    }
}
