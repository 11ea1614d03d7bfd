//! `DescribeLimits` and `DescribeEndpoints`: what an account may provision, and where DynamoDB listens.
//!
//! Source: DynamoDB API Reference; DynamoDB Developer Guide, "Service quotas".

use serde::{Deserialize, Serialize};

use crate::cloud::operation::Wire as _;
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Invocation, Operation};

/// The request of `DescribeLimits`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeLimitsRequest {}

/// The response of `DescribeLimits`: the quotas that every new account has.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeLimitsResponse {
    pub account_max_read_capacity_units: u64,
    pub account_max_write_capacity_units: u64,
    pub table_max_read_capacity_units: u64,
    pub table_max_write_capacity_units: u64,
}

impl Operation for DescribeLimitsRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(vec![Permission::new(format!("dynamodb:{}", Self::NAME), "*")])
    }

    fn execute(self, _: &mut Invocation<'_>) -> Result<DescribeLimitsResponse, ApiError> {
        Ok(DescribeLimitsResponse {
            account_max_read_capacity_units: 80_000,
            account_max_write_capacity_units: 80_000,
            table_max_read_capacity_units: 40_000,
            table_max_write_capacity_units: 40_000,
        })
    }
}

/// The request of `DescribeEndpoints`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeEndpointsRequest {}

/// An endpoint, and for how long a client may remember it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Endpoint {
    pub address: String,
    pub cache_period_in_minutes: i64,
}

/// The response of `DescribeEndpoints`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeEndpointsResponse {
    pub endpoints: Vec<Endpoint>,
}

impl Operation for DescribeEndpointsRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(vec![Permission::new(format!("dynamodb:{}", Self::NAME), "*")])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<DescribeEndpointsResponse, ApiError> {
        let address = format!("dynamodb.{}.amazonaws.com", invocation.region());
        Ok(DescribeEndpointsResponse { endpoints: vec![Endpoint { address, cache_period_in_minutes: 1440 }] })
    }
}
