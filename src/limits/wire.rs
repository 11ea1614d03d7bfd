//! Limits of requests that `serve` takes from its port.

use super::limits;

limits! {
    BODY "wire-body" "the body of a request": 16 << 20, Bytes,
        "no request of an AWS service here is larger; DynamoDB refuses beyond 16 MB, too";
    HEAD "wire-head" "the head of a request": 32 << 10, Bytes,
        "a session token and a signature have some 2 KB, and AWS takes heads of 8 to 16 KB";
    HEADERS "wire-headers" "the list of headers of a request": 100, Count,
        "the AWS CLI sends some 12";
    HEAD_TIME "wire-head-time" "the wait for the head of a request": 10, Seconds,
        "a client on the same machine sends it at once; a connection that idles ends after this, too, and clients open another";
    BODY_TIME "wire-body-time" "the wait for the body of a request": 30, Seconds,
        "16 MB from the same machine take less than one";
    CONNECTIONS "wire-connections" "the list of open connections": 1_200, Count,
        "a thousand clients and some to spare; each may hold a head and a body";
    BODIES "wire-bodies" "the bodies of all requests that are being read": 256 << 20, Bytes,
        "sixteen of the largest at a time";
    PARAMETERS "wire-parameters" "the list of parameters of a form": 10_000, Count,
        "the longest lists of IAM have some hundred entries of two parameters";
    PARAMETER_PARTS "wire-parameter-parts" "the name of a parameter of a form": 16, Levels,
        "the deepest input of IAM and STS has six";
    USER_AGENT "wire-user-agent" "the client's name that the audit trail keeps": 1_024, Bytes,
        "the AWS CLI writes some 200";
    SNAPSHOTS "wire-snapshots" "the list of snapshots that are kept": 100, Count,
        "a copy of a world shares what it can, but what was changed since stays in memory with it";
    WORLDS "wire-worlds" "the list of worlds of a server": 1_000, Count,
        "one for each test that runs at a time; a world shares with the others what it has not changed";
    STATE_FILE "serve-state" "a state file of `serve`": 1 << 30, Bytes,
        "a million calls that put an item of 500 bytes; they are made again at each start";
    STATE_LINE "serve-state-line" "a line of a state file of `serve`": 32 << 20, Bytes,
        "a call of 16 MB whose letters are all escaped fits";
    WEB_IDENTITY "web-identity" "a web identity token": 20_000, Bytes,
        "STS takes none that is longer";
    CONTROL "wire-control" "the body of a request to the control API": 16 << 10, Bytes,
        "a name or a duration has some hundred bytes";
}
