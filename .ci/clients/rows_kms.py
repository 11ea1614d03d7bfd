"""KMS, an operation a row."""

from .prepared import ACCOUNT, DELEGATE, arn
from .rows import THERE, After, Row, Size, like

NO_KEY = "11111111-2222-3333-4444-555555555555"
MISSING = like(f"Key 'arn:aws:kms:us-east-1:{ACCOUNT}:key/{NO_KEY}' does not exist")
DISABLED = like("is disabled")


def on(**more):
    """Parameters with the first key."""
    return lambda w: dict(KeyId=w.key, **more)


def of(attribute, **more):
    """Parameters with another key."""
    return lambda w: dict(KeyId=getattr(w, attribute), **more)


def state(path, attribute="key"):
    return After("kms:DescribeKey", f"KeyMetadata.{path}", of(attribute))


def kms(operation, good, fields, bad, code, words):
    words = words.pattern if hasattr(words, "pattern") else words
    return Row("kms", operation, good, fields, bad, code, words)


def missing(operation, good, fields, **more):
    """A row whose bad input names a key that there is not."""
    return kms(operation, good, fields, dict(KeyId=NO_KEY, **more), "NotFoundException", MISSING)


ALIASES = After("kms:ListAliases", "Aliases[?AliasName=='alias/new'] | length(@)", lambda w: {})
EC = dict(EncryptionContext={"a": "b"})
SIGN = dict(Message=b"a", SigningAlgorithm="ECDSA_SHA_256")
MAC = dict(Message=b"a", MacAlgorithm="HMAC_SHA_256")
ECDH = dict(KeyAgreementAlgorithm="ECDH")
TO_TESS = dict(GranteePrincipal=arn("user", "tess"), Operations=["Decrypt"])
TAG = [{"TagKey": "a", "TagValue": "b"}]


def grants(path):
    return After("kms:ListGrants", path, on())


def tags(path):
    return After("kms:ListResourceTags", path, on())


def rotation(path):
    return After("kms:GetKeyRotationStatus", path, on())


ROWS = [
    kms("CancelKeyDeletion", of("dying"), {"KeyId": THERE, state("KeyState", "dying"): "Disabled"}, on(), "KMSInvalidStateException", "is not pending deletion"),
    kms("CreateAlias", lambda w: dict(AliasName="alias/new", TargetKeyId=w.key), {ALIASES: 1, "ResponseMetadata.RetryAttempts": 0},
        lambda w: dict(AliasName="alias/lab", TargetKeyId=w.other), "AlreadyExistsException", "alias/lab already exists"),
    kms("CreateGrant", on(**TO_TESS, Name="n"), {"GrantId": like("^[0-9a-f]{64}$"), "GrantToken": THERE},
        on(GranteePrincipal=arn("user", "nobody"), Operations=["Decrypt"]), "InvalidArnException", "nobody"),
    kms("CreateKey", dict(Description="d", Policy=DELEGATE), {"KeyMetadata.Description": "d", "KeyMetadata.KeyState": "Enabled", "KeyMetadata.AWSAccountId": ACCOUNT},
        dict(KeySpec="NONE_1"), "ValidationException", "'keySpec' failed to satisfy constraint: Member must satisfy enum value set"),
    kms("Decapsulate", lambda w: dict(KeyId=w.kem, EncapsulationAlgorithm="ML_KEM", SharedSecretCiphertextBlob=w.capsule),
        {"SharedSecret": Size(32), "EncapsulationAlgorithm": "ML_KEM"},
        lambda w: dict(KeyId=w.key, EncapsulationAlgorithm="ML_KEM", SharedSecretCiphertextBlob=w.capsule), "InvalidKeyUsageException", "."),
    kms("Decrypt", lambda w: dict(CiphertextBlob=w.sealed, **EC), {"Plaintext": b"secret", "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"},
        lambda w: dict(CiphertextBlob=w.sealed), "InvalidCiphertextException", "^(None)?$"),
    kms("DeleteAlias", dict(AliasName="alias/lab"), {After("kms:ListAliases", "Aliases[?AliasName=='alias/lab'] | length(@)", lambda w: {}): 0, "ResponseMetadata.RetryAttempts": 0},
        dict(AliasName="alias/none"), "NotFoundException", f"Alias arn:aws:kms:us-east-1:{ACCOUNT}:alias/none is not found"),
    kms("DeleteImportedKeyMaterial", of("external"), {"KeyId": THERE, state("KeyState", "external"): "PendingImport"}, on(), "UnsupportedOperationException", "origin"),
    kms("DeriveSharedSecret", lambda w: dict(KeyId=w.agreeing, PublicKey=w.public_key, **ECDH), {"SharedSecret": Size(32), "KeyAgreementAlgorithm": "ECDH"},
        lambda w: dict(KeyId=w.signing, PublicKey=w.public_key, **ECDH), "InvalidKeyUsageException", "."),
    missing("DescribeKey", on(), {"KeyMetadata.Description": "first", "KeyMetadata.Enabled": True}),
    missing("DisableKey", on(), {state("KeyState"): "Disabled", state("Enabled"): False}),
    missing("DisableKeyRotation", on(), {rotation("KeyRotationEnabled"): False, rotation("KeyId"): THERE}),
    missing("EnableKey", of("disabled"), {state("KeyState", "disabled"): "Enabled", state("Enabled", "disabled"): True}),
    kms("EnableKeyRotation", on(RotationPeriodInDays=90), {rotation("KeyRotationEnabled"): True, rotation("RotationPeriodInDays"): 90},
        of("signing"), "UnsupportedOperationException", "^$"),
    kms("Encapsulate", of("kem", EncapsulationAlgorithm="ML_KEM"), {"SharedSecret": Size(32), "SharedSecretCiphertextBlob": THERE},
        on(EncapsulationAlgorithm="ML_KEM"), "InvalidKeyUsageException", "."),
    kms("Encrypt", on(Plaintext=b"x"), {"EncryptionAlgorithm": "SYMMETRIC_DEFAULT", "KeyId": like(":key/")}, of("disabled", Plaintext=b"x"), "DisabledException", DISABLED),
    missing("GenerateDataKey", on(KeySpec="AES_256"), {"Plaintext": Size(32), "CiphertextBlob": THERE}, KeySpec="AES_256"),
    kms("GenerateDataKeyPair", on(KeyPairSpec="ECC_NIST_P256"), {"KeyPairSpec": "ECC_NIST_P256", "PrivateKeyPlaintext": THERE},
        on(KeyPairSpec="AES"), "ValidationException", "keyPairSpec"),
    kms("GenerateDataKeyPairWithoutPlaintext", on(KeyPairSpec="ECC_NIST_P256"), {"PrivateKeyCiphertextBlob": THERE, "PrivateKeyPlaintext": None},
        of("signing", KeyPairSpec="ECC_NIST_P256"), "InvalidKeyUsageException", "."),
    kms("GenerateDataKeyWithoutPlaintext", on(NumberOfBytes=16), {"CiphertextBlob": THERE, "Plaintext": None},
        on(NumberOfBytes=1025), "ValidationException", "numberOfBytes"),
    kms("GenerateMac", of("mac", **MAC), {"Mac": Size(32), "MacAlgorithm": "HMAC_SHA_256"}, on(**MAC), "InvalidKeyUsageException", "."),
    kms("GenerateRandom", dict(NumberOfBytes=8), {"Plaintext": Size(8), "ResponseMetadata.RetryAttempts": 0},
        dict(NumberOfBytes=1025), "ValidationException", "less than or equal to 1024"),
    missing("GetKeyLastUsage", on(), {"KeyId": THERE, "ResponseMetadata.RetryAttempts": 0}),
    kms("GetKeyPolicy", on(), {"Policy": like("kms:\\*"), "PolicyName": "default"}, dict(KeyId=NO_KEY), "NotFoundException", MISSING),
    missing("GetKeyRotationStatus", on(), {"KeyRotationEnabled": False, "KeyId": THERE}),
    kms("GetParametersForImport", of("external", WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"), {"PublicKey": THERE, "ImportToken": THERE},
        on(WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"), "UnsupportedOperationException", "origin"),
    kms("GetPublicKey", of("signing"), {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}, on(), "UnsupportedOperationException", "."),
    kms("ImportKeyMaterial", lambda w: dict(KeyId=w.external, ImportToken=w.import_token, EncryptedKeyMaterial=w.material, ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE"),
        {"KeyId": THERE, state("KeyState", "external"): "Enabled"},
        lambda w: dict(KeyId=w.external, ImportToken=w.import_token, EncryptedKeyMaterial=w.material[:-1] + b"x", ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE"), "InvalidCiphertextException", "^"),
    kms("ListAliases", dict(Limit=50), {"Aliases[?AliasName=='alias/lab'] | length(@)": 1, "Truncated": False}, dict(Limit=0), "ValidationException", "limit"),
    kms("ListGrants", on(), {"length(Grants)": 2, "Truncated": False}, dict(KeyId=NO_KEY), "NotFoundException", MISSING),
    missing("ListKeyPolicies", on(), {"PolicyNames": ["default"], "Truncated": False}),
    missing("ListKeyRotations", on(), {"Rotations": [], "Truncated": False}),
    kms("ListKeys", dict(Limit=2), {"length(Keys)": 2, "Truncated": True}, dict(Marker="x"), "InvalidMarkerException", "^"),
    missing("ListResourceTags", on(), {"Tags": [{"TagKey": "team", "TagValue": "clinic"}], "Truncated": False}),
    kms("ListRetirableGrants", dict(RetiringPrincipal=arn("user", "kim")), {"length(Grants)": 1, "Truncated": False}, dict(RetiringPrincipal=arn("user", "kim"), Limit=0), "ValidationException", "limit"),
    kms("PutKeyPolicy", on(Policy=DELEGATE), {After("kms:GetKeyPolicy", "Policy", on()): DELEGATE, "ResponseMetadata.RetryAttempts": 0},
        on(Policy="{"), "MalformedPolicyDocumentException", "^"),
    kms("ReEncrypt", lambda w: dict(CiphertextBlob=w.sealed, SourceEncryptionContext={"a": "b"}, DestinationKeyId=w.other),
        {"SourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT", "KeyId": THERE},
        lambda w: dict(CiphertextBlob=b"x", DestinationKeyId=w.other), "InvalidCiphertextException", "^"),
    kms("ReplicateKey", of("primary", ReplicaRegion="ap-south-1"), {"ReplicaKeyMetadata.MultiRegion": True, "ReplicaKeyMetadata.MultiRegionConfiguration.MultiRegionKeyType": "REPLICA"},
        on(ReplicaRegion="ap-south-1"), "UnsupportedOperationException", "."),
    kms("RetireGrant", lambda w: dict(KeyId=w.key_arn, GrantId=w.grant), {grants("length(Grants)"): 1, grants("Truncated"): False},
        lambda w: dict(KeyId=w.key_arn, GrantId="0" * 64), "NotFoundException", "[Gg]rant"),
    kms("RevokeGrant", lambda w: dict(KeyId=w.key, GrantId=w.grant), {grants("length(Grants)"): 1, grants("Truncated"): False},
        on(GrantId="0" * 64), "NotFoundException", "[Gg]rant"),
    kms("RotateKeyOnDemand", on(), {"KeyId": THERE, After("kms:ListKeyRotations", "length(Rotations)", on()): 1}, of("signing"), "UnsupportedOperationException", "^$"),
    kms("ScheduleKeyDeletion", on(PendingWindowInDays=7), {"KeyState": "PendingDeletion", "PendingWindowInDays": 7},
        on(PendingWindowInDays=6), "ValidationException", "pendingWindowInDays"),
    kms("Sign", of("signing", **SIGN), {"SigningAlgorithm": "ECDSA_SHA_256", "Signature": THERE}, on(**SIGN), "InvalidKeyUsageException", "."),
    kms("TagResource", on(Tags=TAG), {tags("Tags[?TagKey=='a'].TagValue | [0]"): "b", tags("length(Tags)"): 2},
        on(Tags=TAG + TAG), "TagException", "."),
    kms("UntagResource", on(TagKeys=["team"]), {tags("Tags"): [], tags("Truncated"): False}, dict(KeyId=NO_KEY, TagKeys=["a"]), "NotFoundException", MISSING),
    kms("UpdateAlias", lambda w: dict(AliasName="alias/lab", TargetKeyId=w.other), {After("kms:DescribeKey", "KeyMetadata.Description", lambda w: dict(KeyId="alias/lab")): "", "ResponseMetadata.RetryAttempts": 0},
        lambda w: dict(AliasName="alias/none", TargetKeyId=w.other), "NotFoundException", "alias/none is not found"),
    missing("UpdateKeyDescription", on(Description="new"), {state("Description"): "new", state("Enabled"): True}, Description="new"),
    kms("UpdatePrimaryRegion", of("primary", PrimaryRegion="eu-west-1"), {state("MultiRegionConfiguration.MultiRegionKeyType", "primary"): "REPLICA", state("MultiRegionConfiguration.PrimaryKey.Region", "primary"): "eu-west-1"},
        of("primary", PrimaryRegion="ap-south-1"), "NotFoundException", "."),
    kms("Verify", lambda w: dict(KeyId=w.signing, Signature=w.signature, **SIGN), {"SignatureValid": True, "SigningAlgorithm": "ECDSA_SHA_256"},
        lambda w: dict(KeyId=w.signing, Message=b"other", SigningAlgorithm="ECDSA_SHA_256", Signature=w.signature), "KMSInvalidSignatureException", "^"),
    kms("VerifyMac", lambda w: dict(KeyId=w.mac, Mac=w.code, **MAC), {"MacValid": True, "MacAlgorithm": "HMAC_SHA_256"},
        lambda w: dict(KeyId=w.mac, Message=b"other", MacAlgorithm="HMAC_SHA_256", Mac=w.code), "KMSInvalidMacException", "^"),
]
