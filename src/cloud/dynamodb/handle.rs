//! How a table is named among all accounts and Regions.

use std::fmt;
use std::sync::Arc;

use crate::cloud::caller::Behalf;
use crate::cloud::{AccountId, Arn, Region};

/// Names a table among all accounts and Regions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TableHandle {
    /// The account that owns it.
    pub account: AccountId,
    pub region: Region,
    pub name: Arc<str>,
}

impl TableHandle {
    /// Returns the ARN, `arn:aws:dynamodb:REGION:ACCOUNT:table/NAME`.
    pub fn arn(&self) -> String {
        Arn::text(super::PREFIX, self.region.as_str(), self.account.as_str(), &["table/", &self.name])
    }

    /// Returns the table that an ARN names, whatever stands behind the table's name.
    pub fn from_arn(arn: &Arn) -> Option<Self> {
        let name = arn.resource_after("table/")?.split('/').next()?;
        (arn.service() == super::PREFIX).then_some(())?;
        Some(Self { account: arn.account_id()?, region: Region::new(arn.region()), name: name.into() })
    }

    /// Returns what DynamoDB works for when it calls KMS as itself.
    pub(super) fn behalf(&self) -> Behalf {
        Behalf { account: self.account.clone(), arn: self.arn() }
    }
}

impl fmt::Display for TableHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.arn())
    }
}
