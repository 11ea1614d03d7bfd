//! The accounts of an organization: joining it, moving in its tree, and what the API says of them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::paging::page;
use super::state::error;
use super::{Organization, edit, managed, plain};
use crate::cloud::iam::Empty;
use crate::cloud::{AccountId, World, epoch};

/// The request of `InviteAccountToOrganization`. The account joins at once, below the root.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct InviteAccountToOrganizationRequest {
    pub target: HandshakeParty,
}

/// The account that an invitation goes to.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct HandshakeParty {
    pub id: AccountId,
    /// Must be `ACCOUNT`: no other kind is simulated.
    #[serde(rename = "Type")]
    pub kind: String,
}

plain!(InviteAccountToOrganizationRequest => Empty, read_only: false, |this, invocation| {
    if this.target.kind != "ACCOUNT" || !invocation.world.iam().accounts().any(|(a, _)| *a == this.target.id) {
        return Err(error("InvalidInputException", "You specified an invalid value."));
    }
    if invocation.world.organizations.of(&this.target.id).is_some() {
        let text = "The account is already a member of an organization.";
        return Err(error("HandshakeConstraintViolationException", text));
    }
    let now = invocation.world.now;
    edit(invocation, |organization| {
        organization.add_account(this.target.id, now);
        Ok(())
    })?;
    Ok(Empty {})
});

/// The request of `MoveAccount`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct MoveAccountRequest {
    pub account_id: AccountId,
    pub source_parent_id: String,
    pub destination_parent_id: String,
}

plain!(MoveAccountRequest => Empty, read_only: false, |this, invocation| {
    edit(invocation, |organization| {
        organization.move_account(&this.account_id, &this.source_parent_id, &this.destination_parent_id)
    })?;
    Ok(Empty {})
});

/// An account as the API describes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Account {
    pub id: String,
    pub arn: String,
    pub name: String,
    /// Always `ACTIVE`: accounts are neither closed nor suspended here.
    pub status: &'static str,
    /// What comes in place of the status, which AWS retires.
    pub state: &'static str,
    /// The one way from the organization down to the account.
    pub paths: Vec<String>,
    /// Always `INVITED`, as AWS says of a management account, too.
    pub joined_method: &'static str,
    #[serde(with = "epoch")]
    pub joined_timestamp: Timestamp,
}

impl Account {
    fn of(world: &World, organization: &Organization, id: &AccountId) -> Self {
        let name = world.iam().accounts().find(|(known, _)| *known == id).map(|(_, name)| name);
        Self {
            id: id.to_string(),
            arn: organization.place_arn(id.as_str()),
            name: name.unwrap_or_default().to_owned(),
            status: "ACTIVE",
            state: "ACTIVE",
            paths: vec![organization.path_to(id.as_str())],
            joined_method: "INVITED",
            joined_timestamp: organization.joined.get(id).copied().unwrap_or_default(),
        }
    }
}

/// The request of `ListAccounts`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ListAccountsRequest {
    /// Where the last answer ended.
    pub next_token: Option<String>,
    /// The most entries of the answer: 1 to 20.
    pub max_results: Option<i64>,
}

/// The response of `ListAccounts` and `ListAccountsForParent`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListAccountsResponse {
    pub accounts: Vec<Account>,
    /// The token to go on with, if there is more.
    pub next_token: Option<String>,
}

plain!(ListAccountsRequest => ListAccountsResponse, read_only: true, |this, invocation| {
    let organization = managed(invocation)?;
    let account = |id: AccountId| Account::of(invocation.world, organization, &id);
    let all = organization.accounts().map(account).collect();
    let (accounts, next_token) = page(all, this.next_token.as_deref(), this.max_results, |account: &Account| &account.id)?;
    Ok(ListAccountsResponse { accounts, next_token })
});

/// The request of `ListAccountsForParent`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ListAccountsForParentRequest {
    /// The root or a unit.
    pub parent_id: String,
    /// Where the last answer ended.
    pub next_token: Option<String>,
    /// The most entries of the answer: 1 to 20.
    pub max_results: Option<i64>,
}

plain!(ListAccountsForParentRequest => ListAccountsResponse, read_only: true, |this, invocation| {
    let organization = managed(invocation)?;
    organization.check_parent(&this.parent_id)?;
    let account = |id: AccountId| Account::of(invocation.world, organization, &id);
    let all = organization.accounts_below(&this.parent_id).map(account).collect();
    let (accounts, next_token) = page(all, this.next_token.as_deref(), this.max_results, |account: &Account| &account.id)?;
    Ok(ListAccountsResponse { accounts, next_token })
});

/// The request of `DescribeAccount`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeAccountRequest {
    pub account_id: AccountId,
}

/// The response of `DescribeAccount`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeAccountResponse {
    pub account: Account,
}

plain!(DescribeAccountRequest => DescribeAccountResponse, read_only: true, |this, invocation| {
    let organization = managed(invocation)?;
    organization.check_member(&this.account_id)?;
    Ok(DescribeAccountResponse { account: Account::of(invocation.world, organization, &this.account_id) })
});
