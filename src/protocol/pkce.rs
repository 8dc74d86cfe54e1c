//! Proof key for code exchange (RFC 7636), method S256.

use sha2::{Digest, Sha256};

use super::encoding::base64url;

/// Random bytes that a verifier or state is made of.
pub const ENTROPY: usize = 32;

/// 43 characters of the unreserved set from 32 random bytes: a verifier, or a state.
pub fn token(random: &[u8; ENTROPY]) -> String {
    base64url(random)
}

/// The S256 challenge of a verifier.
pub fn challenge(verifier: &str) -> String {
    base64url(&Sha256::digest(verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_7636_hold() {
        let octets = [
            116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105, 214, 191,
            240, 91, 88, 5, 88, 83, 132, 141, 121,
        ];
        assert_eq!(token(&octets), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(
            challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
        assert_eq!(base64url(&[3, 236, 255, 224, 193]), "A-z_4ME");
    }
}
