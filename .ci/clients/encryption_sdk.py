"""The AWS Encryption SDK for Python: it encrypts on this side, and KMS wraps its data keys over the wire."""

import logging
import os

import aws_encryption_sdk
import botocore.session
from aws_encryption_sdk.exceptions import AWSEncryptionSDKClientError
from aws_encryption_sdk.key_providers.kms import StrictAwsKmsMasterKeyProvider

from .server import allow, check, policy

SECRET = b"the diagnosis of patient seven" * 1000


def provider(prepared, keys):
    """A provider of master keys whose calls are signed with a pair of keys, to the server."""
    session = botocore.session.Session()
    session.set_credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys.get("SessionToken"))
    return StrictAwsKmsMasterKeyProvider(key_ids=[prepared.key_arn], botocore_session=session)


def envelope(prepared):
    prepared.back()
    # As a project of anybody's would be turned to the lab.
    os.environ["AWS_ENDPOINT_URL"] = prepared.server.endpoint
    iam = prepared.clients["iam"]
    client = aws_encryption_sdk.EncryptionSDKClient()
    writer = iam.create_access_key(UserName="kim")["AccessKey"]
    context = {"purpose": "lab"}
    sealed, _ = client.encrypt(source=SECRET, key_provider=provider(prepared, writer), encryption_context=context)
    check("sealed", SECRET[:30] in sealed, False)
    opened, header = client.decrypt(source=sealed, key_provider=provider(prepared, writer))
    check("opened", (opened, header.encryption_context["purpose"]), (SECRET, "lab"))

    # guest may do nothing; with kms:Decrypt in IAM, which the key policy delegates to, guest reads it.
    logging.disable(logging.ERROR)
    try:
        client.decrypt(source=sealed, key_provider=provider(prepared, prepared.guest))
        refused = False
    except AWSEncryptionSDKClientError as error:
        refused = type(error).__name__
    logging.disable(logging.NOTSET)
    check("without kms:Decrypt", refused, "DecryptKeyError")
    why = prepared.server.control("GET", "explain")[1]
    check("why", [(d["action"], d["allowed"]) for d in why["decisions"]], [("kms:Decrypt", False)])
    document = policy(allow("kms:Decrypt", Condition={"StringEquals": {"kms:EncryptionContext:purpose": "lab"}}))
    iam.put_user_policy(UserName="guest", PolicyName="p", PolicyDocument=document)
    opened, _ = client.decrypt(source=sealed, key_provider=provider(prepared, prepared.guest))
    check("with kms:Decrypt", opened, SECRET)
    del os.environ["AWS_ENDPOINT_URL"]
