//! The words KMS uses for kinds of keys and algorithms, and the tables of which fit which.
//!
//! Sources: KMS API Reference, `CreateKey` and `KeyMetadata`; KMS Developer Guide, "Key spec reference".

/// A closed set of words of the API.
pub trait Word: Copy + PartialEq + 'static {
    /// Every value, in the order AWS lists them.
    const ALL: &'static [Self];

    /// Returns the word AWS uses.
    fn as_str(self) -> &'static str;

    /// Returns the words as messages list them: those of every value, unless the kind has a list of its own.
    fn listed() -> Vec<&'static str> {
        Self::ALL.iter().map(|value| value.as_str()).collect()
    }

    /// Returns the value AWS's word stands for; words are case-sensitive.
    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.as_str() == word)
    }
}

/// Declares an enum whose variants carry the exact word AWS writes.
macro_rules! aws_words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)+ }
        $(listed: [$($listed:literal),+ $(,)?])?
    ) => {
        $(#[$doc])*
        ///
        /// Holds one of the words that AWS uses.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every value, in the order AWS lists them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Returns the word AWS uses.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl $crate::cloud::kms::crypto::Word for $name {
            const ALL: &'static [Self] = Self::ALL;

            fn as_str(self) -> &'static str {
                Self::as_str(self)
            }

            $(fn listed() -> Vec<&'static str> {
                vec![$($listed),+]
            })?
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub(in crate::cloud::kms) use aws_words;

aws_words! {
    /// The kind of material that a KMS key is made of.
    KeySpec {
        Rsa2048 = "RSA_2048",
        Rsa3072 = "RSA_3072",
        Rsa4096 = "RSA_4096",
        EccNistP256 = "ECC_NIST_P256",
        EccNistP384 = "ECC_NIST_P384",
        EccNistP521 = "ECC_NIST_P521",
        EccSecgP256k1 = "ECC_SECG_P256K1",
        /// A 256-bit AES-GCM key that never leaves KMS.
        SymmetricDefault = "SYMMETRIC_DEFAULT",
        Hmac224 = "HMAC_224",
        Hmac256 = "HMAC_256",
        Hmac384 = "HMAC_384",
        Hmac512 = "HMAC_512",
        /// ML-DSA, parameter set 44.
        MlDsa44 = "ML_DSA_44",
        /// ML-DSA, parameter set 65.
        MlDsa65 = "ML_DSA_65",
        /// ML-DSA, parameter set 87.
        MlDsa87 = "ML_DSA_87",
        /// The Edwards curve of Ed25519.
        EccNistEdwards25519 = "ECC_NIST_EDWARDS25519",
        /// ML-KEM, parameter set 512.
        MlKem512 = "ML_KEM_512",
        /// ML-KEM, parameter set 768.
        MlKem768 = "ML_KEM_768",
        /// ML-KEM, parameter set 1024.
        MlKem1024 = "ML_KEM_1024",
    }
    // Source: the KMS API model. The kind SM2 exists in Regions of China only.
    listed: [
        "RSA_2048", "RSA_3072", "RSA_4096", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521",
        "ECC_SECG_P256K1", "SYMMETRIC_DEFAULT", "HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512", "SM2",
        "ML_DSA_44", "ML_DSA_65", "ML_DSA_87", "ECC_NIST_EDWARDS25519", "ML_KEM_512", "ML_KEM_768",
        "ML_KEM_1024",
    ]
}

aws_words! {
    /// The use of a KMS key, fixed when the key is created.
    KeyUsage {
        SignVerify = "SIGN_VERIFY",
        EncryptDecrypt = "ENCRYPT_DECRYPT",
        /// Making and checking message authentication codes.
        GenerateVerifyMac = "GENERATE_VERIFY_MAC",
        KeyAgreement = "KEY_AGREEMENT",
        /// Encapsulating shared secrets and recovering them.
        EncapsulateDecapsulate = "ENCAPSULATE_DECAPSULATE",
    }
}

aws_words! {
    /// The source of a KMS key's material.
    Origin {
        AwsKms = "AWS_KMS",
        /// The customer imports it.
        External = "EXTERNAL",
        /// A `CloudHSM` key store holds it; not simulated.
        AwsCloudHsm = "AWS_CLOUDHSM",
        /// An external key store holds it; not simulated.
        ExternalKeyStore = "EXTERNAL_KEY_STORE",
    }
}

aws_words! {
    /// The algorithms of Encrypt, Decrypt and `ReEncrypt`.
    EncryptionAlgorithm {
        /// AES-256-GCM with an encryption context.
        SymmetricDefault = "SYMMETRIC_DEFAULT",
        RsaesOaepSha1 = "RSAES_OAEP_SHA_1",
        RsaesOaepSha256 = "RSAES_OAEP_SHA_256",
    }
}

aws_words! {
    /// The algorithms of Sign and Verify.
    SigningAlgorithm {
        RsassaPssSha256 = "RSASSA_PSS_SHA_256",
        RsassaPssSha384 = "RSASSA_PSS_SHA_384",
        RsassaPssSha512 = "RSASSA_PSS_SHA_512",
        /// RSA PKCS #1 v1.5 with SHA-256.
        RsassaPkcs1V15Sha256 = "RSASSA_PKCS1_V1_5_SHA_256",
        /// RSA PKCS #1 v1.5 with SHA-384.
        RsassaPkcs1V15Sha384 = "RSASSA_PKCS1_V1_5_SHA_384",
        /// RSA PKCS #1 v1.5 with SHA-512.
        RsassaPkcs1V15Sha512 = "RSASSA_PKCS1_V1_5_SHA_512",
        EcdsaSha256 = "ECDSA_SHA_256",
        EcdsaSha384 = "ECDSA_SHA_384",
        EcdsaSha512 = "ECDSA_SHA_512",
        MlDsaShake256 = "ML_DSA_SHAKE_256",
        /// Ed25519 over the message itself.
        Ed25519Sha512 = "ED25519_SHA_512",
        /// Ed25519ph over a SHA-512 digest.
        Ed25519PhSha512 = "ED25519_PH_SHA_512",
        /// SM2, in Regions of China only: it fits no key that is simulated.
        Sm2Dsa = "SM2DSA",
        /// An algorithm that encrypts; KMS reads the word and finds that it fits no key that signs.
        SymmetricDefault = "SYMMETRIC_DEFAULT",
    }
    // Source: floci-io/floci, pull request 3968, whose texts come from AWS.
    listed: [
        "RSASSA_PSS_SHA_256", "RSASSA_PSS_SHA_384", "RSASSA_PSS_SHA_512", "RSASSA_PKCS1_V1_5_SHA_256",
        "RSASSA_PKCS1_V1_5_SHA_384", "RSASSA_PKCS1_V1_5_SHA_512", "ECDSA_SHA_256", "ECDSA_SHA_384",
        "ECDSA_SHA_512", "ED25519_SHA_512", "ED25519_PH_SHA_512", "SM2DSA", "ML_DSA_SHAKE_256",
    ]
}

aws_words! {
    /// The algorithms of `GenerateMac` and `VerifyMac`.
    MacAlgorithm {
        HmacSha224 = "HMAC_SHA_224",
        HmacSha256 = "HMAC_SHA_256",
        HmacSha384 = "HMAC_SHA_384",
        HmacSha512 = "HMAC_SHA_512",
    }
    // Source: the text of LocalStack and moto.
    listed: ["HMAC_SHA_384", "HMAC_SHA_256", "HMAC_SHA_224", "HMAC_SHA_512"]
}

aws_words! {
    KeyAgreementAlgorithm {
        Ecdh = "ECDH",
    }
}

aws_words! {
    /// The algorithms of Encapsulate and Decapsulate.
    EncapsulationAlgorithm {
        MlKem = "ML_KEM",
    }
}

aws_words! {
    /// The two things that the `Message` of Sign and Verify can hold.
    MessageType {
        /// The message, at most 4096 bytes; KMS hashes it.
        Raw = "RAW",
        /// A digest of the message.
        Digest = "DIGEST",
        /// The 64-byte message representative of ML-DSA.
        ExternalMu = "EXTERNAL_MU",
    }
}

aws_words! {
    /// The algorithms that wrap key material for import.
    WrappingAlgorithm {
        RsaesOaepSha1 = "RSAES_OAEP_SHA_1",
        RsaesOaepSha256 = "RSAES_OAEP_SHA_256",
        /// An AES key under RSA-OAEP with SHA-1, then the material under AES key wrap with padding.
        RsaAesKeyWrapSha1 = "RSA_AES_KEY_WRAP_SHA_1",
        /// An AES key under RSA-OAEP with SHA-256, then the material under AES key wrap with padding.
        RsaAesKeyWrapSha256 = "RSA_AES_KEY_WRAP_SHA_256",
    }
}

aws_words! {
    /// The kind of one-time key that wraps material for import.
    WrappingKeySpec {
        Rsa2048 = "RSA_2048",
        Rsa3072 = "RSA_3072",
        Rsa4096 = "RSA_4096",
    }
}

aws_words! {
    /// The lengths of symmetric data keys.
    DataKeySpec {
        Aes256 = "AES_256",
        Aes128 = "AES_128",
    }
}

aws_words! {
    /// The kinds of data key pairs that `GenerateDataKeyPair` makes.
    DataKeyPairSpec {
        Rsa2048 = "RSA_2048",
        Rsa3072 = "RSA_3072",
        Rsa4096 = "RSA_4096",
        EccNistP256 = "ECC_NIST_P256",
        EccNistP384 = "ECC_NIST_P384",
        EccNistP521 = "ECC_NIST_P521",
        EccSecgP256k1 = "ECC_SECG_P256K1",
        /// The Edwards curve of Ed25519.
        EccNistEdwards25519 = "ECC_NIST_EDWARDS25519",
        /// ML-KEM, parameter set 512.
        MlKem512 = "ML_KEM_512",
        /// ML-KEM, parameter set 768.
        MlKem768 = "ML_KEM_768",
        /// ML-KEM, parameter set 1024.
        MlKem1024 = "ML_KEM_1024",
    }
}

impl DataKeySpec {
    /// Returns the length of the data key in bytes.
    pub const fn byte_len(self) -> usize {
        match self {
            Self::Aes256 => 32,
            Self::Aes128 => 16,
        }
    }
}

impl WrappingKeySpec {
    /// Returns the key spec of the wrapping key.
    pub const fn key_spec(self) -> KeySpec {
        match self {
            Self::Rsa2048 => KeySpec::Rsa2048,
            Self::Rsa3072 => KeySpec::Rsa3072,
            Self::Rsa4096 => KeySpec::Rsa4096,
        }
    }
}

impl DataKeyPairSpec {
    /// Returns the key spec whose key pair this is.
    pub const fn key_spec(self) -> KeySpec {
        match self {
            Self::Rsa2048 => KeySpec::Rsa2048,
            Self::Rsa3072 => KeySpec::Rsa3072,
            Self::Rsa4096 => KeySpec::Rsa4096,
            Self::EccNistP256 => KeySpec::EccNistP256,
            Self::EccNistP384 => KeySpec::EccNistP384,
            Self::EccNistP521 => KeySpec::EccNistP521,
            Self::EccSecgP256k1 => KeySpec::EccSecgP256k1,
            Self::EccNistEdwards25519 => KeySpec::EccNistEdwards25519,
            Self::MlKem512 => KeySpec::MlKem512,
            Self::MlKem768 => KeySpec::MlKem768,
            Self::MlKem1024 => KeySpec::MlKem1024,
        }
    }
}

impl KeySpec {
    /// Tells whether this is the AES key of `SYMMETRIC_DEFAULT`.
    pub const fn is_symmetric(self) -> bool {
        matches!(self, Self::SymmetricDefault)
    }

    /// Tells whether this is a key pair, whose public key can be downloaded.
    pub const fn is_asymmetric(self) -> bool {
        !self.is_symmetric() && self.mac_algorithm().is_none()
    }

    // Source: KMS API Reference, CreateKey, `KeyUsage`.
    /// Returns the usages a key of this kind may have; the first is no default, except for `SYMMETRIC_DEFAULT`.
    pub const fn usages(self) -> &'static [KeyUsage] {
        match self {
            Self::SymmetricDefault => &[KeyUsage::EncryptDecrypt],
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => {
                &[KeyUsage::EncryptDecrypt, KeyUsage::SignVerify]
            }
            Self::EccNistP256 | Self::EccNistP384 | Self::EccNistP521 => {
                &[KeyUsage::SignVerify, KeyUsage::KeyAgreement]
            }
            Self::EccSecgP256k1
            | Self::EccNistEdwards25519
            | Self::MlDsa44
            | Self::MlDsa65
            | Self::MlDsa87 => &[KeyUsage::SignVerify],
            Self::MlKem512 | Self::MlKem768 | Self::MlKem1024 => &[KeyUsage::EncapsulateDecapsulate],
            Self::Hmac224 | Self::Hmac256 | Self::Hmac384 | Self::Hmac512 => &[KeyUsage::GenerateVerifyMac],
        }
    }

    /// Returns the encryption algorithms of a key of this kind with usage `ENCRYPT_DECRYPT`.
    pub const fn encryption_algorithms(self) -> &'static [EncryptionAlgorithm] {
        match self {
            Self::SymmetricDefault => &[EncryptionAlgorithm::SymmetricDefault],
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => {
                &[EncryptionAlgorithm::RsaesOaepSha1, EncryptionAlgorithm::RsaesOaepSha256]
            }
            Self::EccNistP256
            | Self::EccNistP384
            | Self::EccNistP521
            | Self::EccSecgP256k1
            | Self::Hmac224
            | Self::Hmac256
            | Self::Hmac384
            | Self::Hmac512
            | Self::MlDsa44
            | Self::MlDsa65
            | Self::MlDsa87
            | Self::MlKem512
            | Self::MlKem768
            | Self::MlKem1024
            | Self::EccNistEdwards25519 => &[],
        }
    }

    // Source: KMS Developer Guide, "Key spec reference".
    /// Returns the signing algorithms of a key of this kind with usage `SIGN_VERIFY`.
    pub const fn signing_algorithms(self) -> &'static [SigningAlgorithm] {
        use SigningAlgorithm as S;
        match self {
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => &[
                S::RsassaPkcs1V15Sha256,
                S::RsassaPkcs1V15Sha384,
                S::RsassaPkcs1V15Sha512,
                S::RsassaPssSha256,
                S::RsassaPssSha384,
                S::RsassaPssSha512,
            ],
            Self::EccNistP256 | Self::EccSecgP256k1 => &[S::EcdsaSha256],
            Self::EccNistP384 => &[S::EcdsaSha384],
            Self::EccNistP521 => &[S::EcdsaSha512],
            Self::EccNistEdwards25519 => &[S::Ed25519Sha512, S::Ed25519PhSha512],
            Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87 => &[S::MlDsaShake256],
            Self::SymmetricDefault
            | Self::Hmac224
            | Self::Hmac256
            | Self::Hmac384
            | Self::Hmac512
            | Self::MlKem512
            | Self::MlKem768
            | Self::MlKem1024 => &[],
        }
    }

    /// Returns the only MAC algorithm a key of this kind computes, if it is an HMAC key.
    pub const fn mac_algorithm(self) -> Option<MacAlgorithm> {
        match self {
            Self::Hmac224 => Some(MacAlgorithm::HmacSha224),
            Self::Hmac256 => Some(MacAlgorithm::HmacSha256),
            Self::Hmac384 => Some(MacAlgorithm::HmacSha384),
            Self::Hmac512 => Some(MacAlgorithm::HmacSha512),
            Self::Rsa2048
            | Self::Rsa3072
            | Self::Rsa4096
            | Self::EccNistP256
            | Self::EccNistP384
            | Self::EccNistP521
            | Self::EccSecgP256k1
            | Self::SymmetricDefault
            | Self::MlDsa44
            | Self::MlDsa65
            | Self::MlDsa87
            | Self::MlKem512
            | Self::MlKem768
            | Self::MlKem1024
            | Self::EccNistEdwards25519 => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back_as_itself() {
        for spec in KeySpec::ALL {
            assert_eq!(KeySpec::from_word(spec.as_str()), Some(*spec));
            let json = serde_json::to_string(spec).unwrap();
            assert_eq!(json, format!("\"{spec}\""));
            assert_eq!(serde_json::from_str::<KeySpec>(&json).unwrap(), *spec);
        }
        assert_eq!(KeySpec::from_word("rsa_2048"), None, "words are case-sensitive");
    }

    #[test]
    fn each_kind_of_key_has_algorithms_exactly_for_the_usages_it_may_have() {
        for spec in KeySpec::ALL {
            let has = |usage| spec.usages().contains(&usage);
            assert_eq!(has(KeyUsage::EncryptDecrypt), !spec.encryption_algorithms().is_empty(), "{spec}");
            assert_eq!(has(KeyUsage::SignVerify), !spec.signing_algorithms().is_empty(), "{spec}");
            assert_eq!(has(KeyUsage::GenerateVerifyMac), spec.mac_algorithm().is_some(), "{spec}");
            assert_eq!(has(KeyUsage::EncapsulateDecapsulate), spec.as_str().starts_with("ML_KEM_"), "{spec}");
            assert!(!has(KeyUsage::KeyAgreement) || spec.as_str().starts_with("ECC_NIST_P"), "{spec}");
        }
    }
}
