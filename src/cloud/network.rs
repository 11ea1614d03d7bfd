//! VPC endpoints, and where callers are: the path a request takes to AWS.
//!
//! Furniture of a world: no operation here makes or changes it. A security group is not part of it, because it lets
//! packets through or not, and no policy can ask about it.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use rpds::RedBlackTreeMapSync;

use super::fidelity::ForwardedAddress;
use super::iam::StoredPolicy;
use super::permission::Keys;
use super::{ApiError, CallContext};
use crate::policy::{Principal, Source, key};

/// The policy of an endpoint that was made without one.
/// Source: AWS PrivateLink guide, "Control access to VPC endpoints using endpoint policies", default endpoint policy.
const FULL_ACCESS: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [ { "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*" } ]
}"#;

/// An address of DynamoDB in us-east-1, which stands for those of all services.
/// Source: the managed prefix list com.amazonaws.us-east-1.dynamodb, which holds 52.94.0.0/22 (getmoto/moto, its list of
/// managed prefix lists).
const OF_A_SERVICE: IpAddr = IpAddr::V4(Ipv4Addr::new(52, 94, 0, 1));

impl ForwardedAddress {
    /// Returns the address that a call shows which a service makes in somebody's name.
    ///
    /// Doubtful: whether there is one. Conditions on a range of addresses fail either way; those with `IfExists` or `Null`
    /// see the difference.
    /// Source: KMS Developer Guide, "AWS global condition keys": the request "comes from an IP address that is associated
    /// with the Amazon EC2 infrastructure"; IAM User Guide, "AWS global condition context keys", which knows requests without.
    /// Switch: `forwarded_address`.
    fn address(self) -> Option<IpAddr> {
        match self {
            Self::Service => Some(OF_A_SERVICE),
            Self::Absent => None,
        }
    }
}

/// A VPC's own door to one service.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// The endpoint's id, `vpce-...`.
    pub id: Arc<str>,
    /// The VPC it belongs to, `vpc-...`.
    pub vpc: Arc<str>,
    /// The prefix of the service's actions, such as `dynamodb`.
    pub service: Arc<str>,
    /// The policy that says which requests may pass.
    pub policy: StoredPolicy,
}

/// A place that somebody calls from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// On the internet, under this address.
    Internet(IpAddr),
    /// In a VPC, under this private address.
    Vpc {
        /// The id of the VPC.
        vpc: Arc<str>,
        /// The address within it.
        address: IpAddr,
    },
}

/// The path that one request took to the service.
#[derive(Clone, Debug)]
pub(in crate::cloud) enum NetworkPath {
    /// Over the internet, from this address.
    Internet(IpAddr),
    /// Through a VPC endpoint, from this private address.
    Endpoint(Arc<Endpoint>, IpAddr),
    /// From the network of a service, under this address, if it shows one.
    Service(Option<IpAddr>),
}

/// The network of a world.
#[derive(Clone, Default)]
pub struct State {
    endpoints: RedBlackTreeMapSync<Arc<str>, Arc<Endpoint>>,
    /// The key is the name of the principal: its ARN.
    locations: RedBlackTreeMapSync<Arc<str>, Location>,
}

impl Endpoint {
    /// An endpoint; without a policy it lets everything pass. An error says what is wrong with the policy.
    pub(super) fn new(id: &str, vpc: &str, service: &str, policy: Option<&str>) -> Result<Self, ApiError> {
        let policy = StoredPolicy::accept(policy.unwrap_or(FULL_ACCESS), "vpc-endpoint")?;
        Ok(Self { id: id.into(), vpc: vpc.into(), service: service.into(), policy })
    }
}

impl State {
    /// All VPC endpoints, by id.
    pub fn endpoints(&self) -> impl Iterator<Item = &Endpoint> {
        self.endpoints.values().map(AsRef::as_ref)
    }

    pub(super) fn add(&mut self, endpoint: Endpoint) {
        self.endpoints.insert_mut(endpoint.id.clone(), Arc::new(endpoint));
    }

    /// Says from where the principal of that name calls.
    pub(super) fn locate(&mut self, name: Arc<str>, location: Location) {
        self.locations.insert_mut(name, location);
    }

    /// Returns the path of a request to `service`. From a VPC without an endpoint for the service it is the internet.
    ///
    /// A service that calls in somebody's name does so from its own network: nothing of the caller's path is left.
    /// Source: KMS Developer Guide, "AWS global condition keys", aws:SourceIp and aws:SourceVpce.
    pub(super) fn path(
        &self,
        principal: &Principal,
        context: &CallContext,
        service: &str,
        forwarded: ForwardedAddress,
    ) -> NetworkPath {
        if matches!(principal, Principal::Service { .. }) {
            return NetworkPath::Service(None);
        }
        if context.invoked_by().is_some() {
            return NetworkPath::Service(forwarded.address());
        }
        match self.locations.get(&principal.name()) {
            None => NetworkPath::Internet(context.source_ip),
            Some(Location::Internet(address)) => NetworkPath::Internet(*address),
            Some(Location::Vpc { vpc, address }) => {
                let endpoint = self.endpoints.values().find(|e| e.vpc == *vpc && *e.service == *service);
                endpoint.map_or(NetworkPath::Internet(context.source_ip), |e| {
                    NetworkPath::Endpoint(e.clone(), *address)
                })
            }
        }
    }
}

impl NetworkPath {
    /// The condition keys that say how a request came.
    /// Source: IAM User Guide, "AWS global condition context keys", properties of the network.
    pub(in crate::cloud) fn keys(&self) -> Keys {
        match self {
            Self::Internet(address) => vec![(key!("aws:SourceIp"), address.to_string().into())],
            Self::Endpoint(endpoint, address) => vec![
                (key!("aws:SourceVpce"), endpoint.id.clone().into()),
                (key!("aws:SourceVpc"), endpoint.vpc.clone().into()),
                (key!("aws:VpcSourceIp"), address.to_string().into()),
            ],
            Self::Service(address) => {
                address.iter().map(|address| (key!("aws:SourceIp"), address.to_string().into())).collect()
            }
        }
    }

    /// The policies that every request on this path has to pass.
    pub(in crate::cloud) fn policies(&self) -> Option<Vec<Source>> {
        match self {
            Self::Endpoint(endpoint, _) => Some(vec![endpoint.policy.source(&endpoint.id)]),
            Self::Internet(_) | Self::Service(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::cloud::{AccountId, Call, Caller, DecisionRecord, Fidelity, World};
    use crate::policy::{Layer, LayerEffect};

    const FROM_HOME: &str = "203.0.113.9";

    fn account() -> AccountId {
        "111122223333".parse().expect("twelve digits")
    }

    fn kim() -> Caller {
        Caller::user(&account(), "kim")
    }

    fn try_call(world: &mut World, caller: &Caller, what: &str, input: Value) -> crate::cloud::Outcome {
        let (service, operation) = what.split_once(':').expect("a service");
        world.call(caller, Call::decode(service, operation, input).expect(what))
    }

    fn ok(world: &mut World, what: &str, input: Value) -> Value {
        let outcome = try_call(world, &Caller::Root(account()), what, input);
        outcome.result.expect(what).to_json()
    }

    /// Kim, who may do everything, and a table under a key of the account.
    fn world() -> (World, String) {
        let now = "2026-01-05T09:00:00Z".parse().expect("a time");
        let mut world = World::new(7, now, Fidelity::instant());
        world.add_account(account(), "clinic");
        ok(&mut world, "iam:CreateUser", json!({"UserName": "kim"}));
        let arn = "arn:aws:iam::aws:policy/AdministratorAccess";
        ok(&mut world, "iam:AttachUserPolicy", json!({"UserName": "kim", "PolicyArn": arn}));
        let key = ok(&mut world, "kms:CreateKey", json!({}))["KeyMetadata"]["Arn"]
            .as_str()
            .expect("an ARN")
            .to_owned();
        let table = json!({
            "TableName": "Clinic",
            "AttributeDefinitions": [{"AttributeName": "Id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "Id", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
            "SSESpecification": {"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": key},
        });
        ok(&mut world, "dynamodb:CreateTable", table);
        (world, key)
    }

    fn in_vpc() -> Location {
        Location::Vpc { vpc: "vpc-app".into(), address: "10.0.0.10".parse().expect("an address") }
    }

    fn scan(world: &mut World, caller: &Caller) -> crate::cloud::Outcome {
        try_call(world, caller, "dynamodb:Scan", json!({"TableName": "Clinic"}))
    }

    fn network_keys(record: &DecisionRecord) -> Vec<(String, String)> {
        let keys = ["aws:SourceIp", "aws:SourceVpc", "aws:SourceVpce", "aws:VpcSourceIp"];
        let found = keys.iter().filter_map(|key| {
            let value = record.request.context().get(key)?.first()?;
            Some(((*key).to_owned(), value.to_string()))
        });
        found.collect()
    }

    fn endpoint_policy(statement: &Value) -> String {
        json!({"Version": "2012-10-17", "Statement": statement}).to_string()
    }

    // Source: IAM User Guide, "AWS global condition context keys", properties of the network; KMS Developer Guide,
    // "AWS global condition keys" (a service calls from its own network)
    #[test]
    fn each_way_has_its_condition_keys() {
        let pairs = |list: &[(&str, &str)]| -> Vec<(String, String)> {
            list.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let over_internet = pairs(&[("aws:SourceIp", "198.51.100.7")]);
        let through = pairs(&[
            ("aws:SourceVpc", "vpc-app"),
            ("aws:SourceVpce", "vpce-app"),
            ("aws:VpcSourceIp", "10.0.0.10"),
        ]);
        let home = Location::Internet(FROM_HOME.parse().expect("an address"));
        for (place, expected) in [
            (None, over_internet.clone()),
            (Some(home), pairs(&[("aws:SourceIp", FROM_HOME)])),
            (Some(in_vpc()), through),
        ] {
            let (mut world, key) = world();
            world.add_endpoint("vpce-app", "vpc-app", "dynamodb", None).expect("an endpoint");
            if let Some(place) = place.clone() {
                world.locate(&kim(), place).expect("somebody");
            }
            let outcome = scan(&mut world, &kim());
            let [own, forwarded] = outcome.decisions.as_slice() else { panic!("DynamoDB asks KMS") };
            assert_eq!(network_keys(own), expected, "{place:?}");
            let of_a_service = pairs(&[("aws:SourceIp", "52.94.0.1")]);
            assert_eq!(network_keys(forwarded), of_a_service, "{place:?}: nothing of the caller's network");
            assert_eq!(own.policies.endpoint.is_some(), place == Some(in_vpc()));
            assert!(forwarded.policies.endpoint.is_none());
            // No endpoint leads to KMS, so a direct call from the VPC goes over the internet.
            let direct = try_call(&mut world, &kim(), "kms:DescribeKey", json!({"KeyId": key}));
            let expected = if place == Some(in_vpc()) { over_internet.clone() } else { expected };
            assert_eq!(network_keys(&direct.decisions[0]), expected, "{place:?}");
        }
    }

    // Source: IAM User Guide, "Troubleshoot access denied error messages" (VPC endpoint policies)
    #[test]
    fn an_endpoint_policy_limits_what_comes_through_it() {
        let allow =
            |action: &str| json!({"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"});
        let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "dynamodb:Scan", "Resource": "*"});
        for (policy, reason) in [
            (
                endpoint_policy(&json!([allow("dynamodb:GetItem")])),
                "because no VPC endpoint policy allows the dynamodb:Scan action",
            ),
            (endpoint_policy(&json!([allow("*"), deny])), "with an explicit deny in a VPC endpoint policy"),
        ] {
            let (mut world, _) = world();
            world.add_endpoint("vpce-app", "vpc-app", "dynamodb", Some(&policy)).expect("an endpoint");
            assert!(scan(&mut world, &kim()).result.is_ok(), "kim is not in the VPC yet");
            world.locate(&kim(), in_vpc()).expect("somebody");
            let outcome = scan(&mut world, &kim());
            let error = outcome.result.expect_err("the endpoint's policy does not let it pass");
            assert_eq!(
                (&*error.code, &*error.message),
                (
                    "AccessDeniedException",
                    &*format!(
                        "User: arn:aws:iam::111122223333:user/kim is not authorized to perform: dynamodb:Scan on resource: \
                         arn:aws:dynamodb:us-east-1:111122223333:table/Clinic {reason}"
                    )
                )
            );
            let explanation = outcome.decisions[0].explain();
            assert_eq!(explanation.decision.because.layer, Layer::Endpoint);
            let layer =
                explanation.layers.iter().find(|layer| layer.layer == Layer::Endpoint).expect("a layer");
            assert!(matches!(layer.effect, LayerEffect::NoAllow | LayerEffect::Denies));
            assert_eq!(&*layer.policies[0].name, "vpce-app");
            let record = outcome.events[0].to_json();
            assert_eq!(
                (&record["sourceIPAddress"], &record["vpcEndpointId"]),
                (&json!("10.0.0.10"), &json!("vpce-app"))
            );
        }
    }

    // Source: KMS Developer Guide, "AWS global condition keys", aws:SourceVpce in key policies
    #[test]
    fn a_key_policy_that_asks_for_an_endpoint_refuses_the_service() {
        let (mut world, key) = world();
        world.add_endpoint("vpce-app", "vpc-app", "dynamodb", None).expect("an endpoint");
        world.add_endpoint("vpce-kms", "vpc-app", "kms", None).expect("an endpoint");
        world.locate(&kim(), in_vpc()).expect("somebody");
        let policy = endpoint_policy(&json!([
            {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"},
            {"Effect": "Deny", "Principal": "*", "Action": ["kms:Decrypt", "kms:DescribeKey"], "Resource": "*",
             "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-app"}}}
        ]));
        ok(&mut world, "kms:PutKeyPolicy", json!({"KeyId": key, "Policy": policy}));
        assert!(try_call(&mut world, &kim(), "kms:DescribeKey", json!({"KeyId": key})).result.is_ok());
        let error = scan(&mut world, &kim()).result.expect_err("DynamoDB does not call from the VPC");
        assert!(
            error.message.contains("with an explicit deny in a resource-based policy"),
            "{}",
            error.message
        );
    }

    #[test]
    fn nobody_and_no_policy_are_errors() {
        let (mut world, _) = world();
        let nobody = Caller::user(&account(), "nobody");
        assert!(world.locate(&nobody, in_vpc()).is_err());
        assert!(world.add_endpoint("vpce-a", "vpc-a", "kms", Some("{")).is_err());
        assert_eq!(world.network().endpoints().count(), 0);
    }
}
