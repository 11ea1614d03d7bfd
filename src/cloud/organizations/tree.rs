//! The units of an organization, and what hangs on what.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::paging::page;
use super::{Organization, check_length, edit, managed, plain};
use crate::cloud::{AccountId, ApiError};

/// The request of `CreateOrganizationalUnit`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreateOrganizationalUnitRequest {
    /// The root or the unit it hangs on.
    pub parent_id: String,
    pub name: String,
}

/// The response of `CreateOrganizationalUnit` and `DescribeOrganizationalUnit`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct OrganizationalUnitResponse {
    pub organizational_unit: OrganizationalUnit,
}

/// A unit as the API describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct OrganizationalUnit {
    /// `ou-` and its place.
    pub id: String,
    pub arn: String,
    pub name: String,
    /// The ids from the organization down to the unit itself.
    pub path: String,
}

impl OrganizationalUnit {
    fn of(organization: &Organization, id: &str) -> Result<Self, ApiError> {
        Ok(Self {
            id: id.to_owned(),
            arn: organization.place_arn(id),
            name: organization.unit_name(id)?.to_owned(),
            path: organization.path_to(id),
        })
    }
}

plain!(CreateOrganizationalUnitRequest => OrganizationalUnitResponse, read_only: false, |this, invocation| {
    check_length(&this.name, 1, 128)?;
    let tail = invocation.world.short_id("", 8);
    let organizational_unit = edit(invocation, |organization| {
        let id = format!("ou-{}-{tail}", organization.root.trim_start_matches("r-"));
        organization.add_unit(&this.parent_id, id.clone(), &this.name)?;
        OrganizationalUnit::of(organization, &id)
    })?;
    Ok(OrganizationalUnitResponse { organizational_unit })
});

/// The request of `DescribeOrganizationalUnit`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeOrganizationalUnitRequest {
    pub organizational_unit_id: String,
}

plain!(DescribeOrganizationalUnitRequest => OrganizationalUnitResponse, read_only: true, |this, invocation| {
    let organizational_unit = OrganizationalUnit::of(managed(invocation)?, &this.organizational_unit_id)?;
    Ok(OrganizationalUnitResponse { organizational_unit })
});

/// The request of `ListOrganizationalUnitsForParent`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ListOrganizationalUnitsForParentRequest {
    /// The root or a unit.
    pub parent_id: String,
    /// Where the last answer ended.
    pub next_token: Option<String>,
    /// The most entries of the answer: 1 to 20.
    pub max_results: Option<i64>,
}

/// The response of `ListOrganizationalUnitsForParent`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListOrganizationalUnitsForParentResponse {
    pub organizational_units: Vec<OrganizationalUnit>,
    /// The token to go on with, if there is more.
    pub next_token: Option<String>,
}

plain!(ListOrganizationalUnitsForParentRequest => ListOrganizationalUnitsForParentResponse, read_only: true,
|this, invocation| {
    let organization = managed(invocation)?;
    organization.check_parent(&this.parent_id)?;
    let units = organization.units(&this.parent_id).map(|(id, _)| OrganizationalUnit::of(organization, id));
    let all = units.collect::<Result<_, _>>()?;
    let (organizational_units, next_token) =
        page(all, this.next_token.as_deref(), this.max_results, |unit: &OrganizationalUnit| &unit.id)?;
    Ok(ListOrganizationalUnitsForParentResponse { organizational_units, next_token })
});

/// The request of `ListParents`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ListParentsRequest {
    /// A unit or an account.
    pub child_id: String,
    /// Where the last answer ended.
    pub next_token: Option<String>,
    /// The most entries of the answer: 1 to 20.
    pub max_results: Option<i64>,
}

/// The response of `ListParents`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListParentsResponse {
    /// The one parent: nothing hangs on two.
    pub parents: Vec<Place>,
    /// The token to go on with, if there is more.
    pub next_token: Option<String>,
}

/// A place of the tree: its id and its type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Place {
    pub id: String,
    /// `ROOT`, `ORGANIZATIONAL_UNIT` or `ACCOUNT`.
    #[serde(rename = "Type")]
    pub kind: &'static str,
}

/// Returns the type of a place.
pub(super) fn kind_of(organization: &Organization, id: &str) -> &'static str {
    match id.parse::<AccountId>() {
        Ok(_) => "ACCOUNT",
        Err(_) if id == organization.root => "ROOT",
        Err(_) => "ORGANIZATIONAL_UNIT",
    }
}

plain!(ListParentsRequest => ListParentsResponse, read_only: true, |this, invocation| {
    let organization = managed(invocation)?;
    let parent = organization.parent_of(&this.child_id)?;
    let all = vec![Place { id: parent.to_owned(), kind: kind_of(organization, parent) }];
    let (parents, next_token) = page(all, this.next_token.as_deref(), this.max_results, |place| &place.id)?;
    Ok(ListParentsResponse { parents, next_token })
});

/// The request of `ListChildren`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ListChildrenRequest {
    /// The root or a unit.
    pub parent_id: String,
    pub child_type: ChildType,
    /// Where the last answer ended.
    pub next_token: Option<String>,
    /// The most entries of the answer: 1 to 20.
    pub max_results: Option<i64>,
}

/// What hangs on the root or a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ChildType {
    Account,
    OrganizationalUnit,
}

/// The response of `ListChildren`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListChildrenResponse {
    pub children: Vec<Place>,
    /// The token to go on with, if there is more.
    pub next_token: Option<String>,
}

plain!(ListChildrenRequest => ListChildrenResponse, read_only: true, |this, invocation| {
    let organization = managed(invocation)?;
    organization.check_parent(&this.parent_id)?;
    let ids: Vec<String> = match this.child_type {
        ChildType::Account => organization.accounts_below(&this.parent_id).map(Into::into).collect(),
        ChildType::OrganizationalUnit => organization.units(&this.parent_id).map(|(id, _)| id.to_owned()).collect(),
    };
    let place = |id: String| Place { kind: kind_of(organization, &id), id };
    let all = ids.into_iter().map(place).collect();
    let (children, next_token) = page(all, this.next_token.as_deref(), this.max_results, |place: &Place| &place.id)?;
    Ok(ListChildrenResponse { children, next_token })
});
