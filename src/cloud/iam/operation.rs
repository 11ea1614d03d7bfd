//! What most operations of IAM share: they name one user, role or group, and say a little more.

use super::super::permission::Permission;
use super::super::{ApiError, Invocation};
use super::account;
use super::state::{Identity, Kind};

/// Returns the permission for `action` on a user, role or group, whether it exists or not.
pub(super) fn identity_permission(
    invocation: &Invocation<'_>,
    kind: Kind,
    action: &str,
    name: &str,
) -> Result<Permission, ApiError> {
    let account = account(invocation)?;
    let known = invocation.world.iam.identity(&account, kind, name).map(Identity::arn);
    let arn = known.unwrap_or_else(|| super::arn(&account, kind.word(), "/", name));
    Ok(Permission::new(format!("iam:{action}"), arn))
}

/// Writes the same operation for users, roles and groups: the requests, who may call them, what they do.
///
/// Each request names its identity in a field of its own and then has the same fields. The permission is for the
/// operation on the identity, with what `permission` adds; what is done sees the fields as variables.
macro_rules! identity_operations {
    (
        [$($request:ident($kind:ident, $owner:ident)),+] $fields:tt -> $response:ty, read_only: $read_only:literal,
        permission: |$permission:ident, $this:ident| $with:expr,
        |$invocation:ident, $which:ident, $name:ident| $body:expr
    ) => {
        $($crate::cloud::iam::operation::identity_operation! {
            $request($kind, $owner) $fields -> $response, $read_only,
            permission: |$permission, $this| $with,
            |$invocation, $which, $name| $body
        })+
    };
    (
        [$($request:ident($kind:ident, $owner:ident)),+] $fields:tt -> $response:ty, read_only: $read_only:literal,
        |$invocation:ident, $which:ident, $name:ident| $body:expr
    ) => {
        $($crate::cloud::iam::operation::identity_operation! {
            $request($kind, $owner) $fields -> $response, $read_only,
            |$invocation, $which, $name| $body
        })+
    };
}
pub(super) use identity_operations;

/// Writes one of the operations of [`identity_operations`].
macro_rules! identity_operation {
    (
        $request:ident($kind:ident, $owner:ident) { $($(#[$doc:meta])* $field:ident: $type:ty),* $(,)? }
            -> $response:ty, $read_only:literal,
        $(permission: |$permission:ident, $this:ident| $with:expr,)?
        |$invocation:ident, $which:ident, $name:ident| $body:expr
    ) => {
        /// The request of the operation of the same name.
        #[serde_with::skip_serializing_none]
        #[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        pub struct $request {
            pub $owner: String,
            $($(#[$doc])* pub $field: $type,)*
        }

        impl $crate::cloud::Operation for $request {
            const READ_ONLY: bool = $read_only;

            fn authorization(
                &self,
                invocation: &$crate::cloud::Invocation<'_>,
            ) -> Result<Vec<$crate::cloud::permission::Permission>, $crate::cloud::ApiError> {
                use $crate::cloud::operation::Wire as _;
                let permission = $crate::cloud::iam::operation::identity_permission(
                    invocation,
                    $crate::cloud::iam::Kind::$kind,
                    Self::NAME,
                    &self.$owner,
                )?;
                $(let permission = {
                    let ($permission, $this) = (permission, self);
                    $with
                };)?
                Ok(vec![permission])
            }

            fn execute(
                self,
                $invocation: &mut $crate::cloud::Invocation<'_>,
            ) -> Result<$response, $crate::cloud::ApiError> {
                let Self { $owner: $name, $($field),* } = self;
                let $which = $crate::cloud::iam::Kind::$kind;
                $body
            }
        }
    };
}
pub(super) use identity_operation;
