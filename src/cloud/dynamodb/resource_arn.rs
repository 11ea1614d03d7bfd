//! The `ResourceArn` of the operations on tags and on resource policies: which forms of it name a table.
//!
//! Source: aws-controllers-k8s, its catalogue of DynamoDB's answers of 2026-10-09, DDB-TABLE-071 and DDB-TABLE-212.

use super::handle::TableHandle;
use super::invalid::Invalid;
use crate::cloud::{ApiError, Arn, Invocation};

/// Returns the table that an operation on tags names.
///
/// Doubtful: the text for an ARN that is not of a table, which is the one from before 2026. One form is known.
/// Source: aws-controllers-k8s, as above, of ARNs that name no table.
pub(super) fn tagged(invocation: &Invocation<'_>, text: &str) -> Result<TableHandle, ApiError> {
    let (arn, handle) = parse(text)?;
    let Some(handle) = handle else {
        let text = format!("Invalid TableArn: Invalid ResourceArn provided as input {text}");
        return Err(ApiError::validation(text));
    };
    if arn.account() != invocation.account()?.as_str() {
        return Err(ApiError::new("AccessDeniedException", "Access is denied"));
    }
    if handle.arn() == text { Ok(handle) } else { Err(not_found(text)) }
}

/// Returns the refusal of an ARN under which nothing has tags.
pub(super) fn not_found(arn: &str) -> ApiError {
    let message = format!("Requested resource not found: ResourceArn: {arn} not found");
    ApiError::new("ResourceNotFoundException", message)
}

/// Returns the table that an operation on resource policies names.
pub(super) fn governed(invocation: &Invocation<'_>, text: &str) -> Result<TableHandle, ApiError> {
    let (arn, handle) = parse(text)?;
    let elsewhere = || Invalid::parameter(format_args!("Invalid resource Arn: {text}"));
    let handle = handle.ok_or_else(elsewhere)?;
    if arn.partition() != PARTITION || handle.region != *invocation.region() {
        return Err(elsewhere().into());
    }
    let mut parts = arn.resource().split('/').skip(2);
    match (parts.next(), parts.next()) {
        (None, _) => {}
        (Some("stream"), Some(label)) => {
            return Err(ApiError::new(
                "ResourceNotFoundException",
                format!("Requested resource not found: Stream: {label} not found for Table: {}", handle.name),
            ));
        }
        (Some("index"), _) => {
            return Err(Invalid::parameter(format_args!(
                "Invalid resource arn provided, only table or stream is accepted. Provided resource arn: {text}"
            ))
            .into());
        }
        (Some(_), _) => {
            return Err(Invalid::parameter(format_args!(
                "Provided Arn is not a DynamoDB resource arn: {text}"
            ))
            .into());
        }
    }
    if handle.account != invocation.account()? {
        return Err(ApiError::validation(
            "This action is only supported by accounts that match the resource owner\u{2019}s account.",
        ));
    }
    Ok(handle)
}

/// The one partition that is simulated here.
const PARTITION: &str = "aws";

fn parse(text: &str) -> Result<(Arn, Option<TableHandle>), Invalid> {
    if !text.starts_with("arn:") {
        return Err(Invalid::parameter(format_args!("ARNs must start with 'arn:': {text}")));
    }
    let arn =
        text.parse::<Arn>().map_err(|_| Invalid::parameter(format_args!("Invalid resource Arn: {text}")))?;
    let handle = TableHandle::from_arn(&arn);
    Ok((arn, handle))
}
