//! How each service speaks: its protocol, and the names by which requests know it.
//!
//! S3 (REST with XML) and further services are further rows.

/// One service on the wire.
#[derive(Debug, PartialEq, Eq)]
pub struct Spoken {
    /// The service's prefix in [`crate::cloud::SERVICES`].
    pub service: &'static str,
    /// The service in the credential scope of a signature.
    pub signing: &'static str,
    pub protocol: Protocol,
    /// Whether one Region answers for all: requests count as those of `us-east-1`, wherever they were signed for.
    pub global: bool,
}

/// How a service reads requests and writes answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// JSON, the operation in the header `X-Amz-Target`.
    Json {
        /// The content type, of JSON 1.0 or 1.1.
        content_type: &'static str,
        /// What stands before the last dot of the header.
        target: &'static str,
        names: JsonNames,
    },
    /// A form as the request, XML as the answer.
    Query {
        /// The value of the parameter `Version`.
        version: &'static str,
        /// The namespace of the answer.
        namespace: &'static str,
    },
    /// JSON, the operation in the path.
    RestJson {
        /// The operations, each with the path that is got: `{member}` stands for a member of the input, and the parameters
        /// behind the path are members, too.
        paths: &'static [(&'static str, &'static str)],
    },
}

/// How a JSON service writes the types of its errors, its request ids and its checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonNames {
    /// The code alone; request ids are UUIDs.
    Bare,
    /// The code behind the shape's namespace; request ids of 52 characters; a CRC-32 of each answer.
    /// Source: dynalite, `index.js` and `db/index.js`, as compared with DynamoDB.
    DynamoDb,
}

const JSON_1_0: &str = "application/x-amz-json-1.0";
const JSON_1_1: &str = "application/x-amz-json-1.1";

/// A row of JSON with bare names.
const fn json(
    service: &'static str,
    content_type: &'static str,
    target: &'static str,
    global: bool,
) -> Spoken {
    let protocol = Protocol::Json { content_type, target, names: JsonNames::Bare };
    Spoken { service, signing: service, protocol, global }
}

/// Every service that speaks.
// Source: the metadata of botocore's service models (protocol, jsonVersion, targetPrefix, apiVersion, signingName,
// xmlNamespace), version 1.44
pub static SPOKEN: [Spoken; 8] = [
    json("kms", JSON_1_1, "TrentService", false),
    Spoken {
        service: "dynamodb",
        signing: "dynamodb",
        protocol: Protocol::Json {
            content_type: JSON_1_0,
            target: "DynamoDB_20120810",
            names: JsonNames::DynamoDb,
        },
        global: false,
    },
    json("cloudtrail", JSON_1_1, "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101", false),
    json("events", JSON_1_1, "AWSEvents", false),
    json("organizations", JSON_1_1, "AWSOrganizationsV20161128", true),
    Spoken {
        service: "iam",
        signing: "iam",
        protocol: Protocol::Query {
            version: "2010-05-08",
            namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
        },
        global: true,
    },
    Spoken {
        service: "sts",
        signing: "sts",
        protocol: Protocol::Query {
            version: "2011-06-15",
            namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
        },
        global: false,
    },
    Spoken {
        service: "iam-toolbox",
        signing: "iam",
        protocol: Protocol::RestJson {
            paths: &[
                ("GetRequestAuthorizationDetails", "/authorization-details/{authorizationId}"),
                ("GetRequestAuthorizationPolicy", "/authorization-details/{authorizationId}/policy"),
            ],
        },
        global: false,
    },
];

impl Spoken {
    /// Returns the row of a service by its prefix.
    pub fn of(service: &str) -> Option<&'static Self> {
        SPOKEN.iter().find(|spoken| spoken.service == service)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud;

    #[test]
    fn every_service_of_the_cloud_speaks_and_no_other() {
        let here: Vec<&str> = cloud::SERVICES.iter().map(|service| service.prefix).collect();
        for prefix in &here {
            assert!(Spoken::of(prefix).is_some(), "{prefix} has no row");
        }
        assert_eq!(SPOKEN.len(), here.len());
    }
}
