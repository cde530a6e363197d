"""AWS::IAM: roles and policies, kept as written; local/permissions.py holds the functions to theirs."""

from local.resources.creator import NO_TAGS, Creator, Environment, Properties


def role(environment: Environment, properties: Properties) -> dict[str, str]:
    """A role with its inline policies; managed policies of AWS itself are not kept here and so not attached."""
    name = environment.name(properties, "RoleName")
    created = environment.call(
        "iam",
        "create_role",
        RoleName=name,
        AssumeRolePolicyDocument=properties.require("AssumeRolePolicyDocument"),
        **properties.given("Path", "Description", "MaxSessionDuration", "PermissionsBoundary"),
    )["Role"]
    for policy in properties.get("Policies", []):
        document = {"Version": "2012-10-17", **policy["PolicyDocument"]}  # SAM leaves it out, moto insists on it
        environment.call(
            "iam", "put_role_policy", RoleName=name, PolicyName=policy["PolicyName"], PolicyDocument=document
        )
    for arn in properties.get("ManagedPolicyArns", []):
        if ":iam::aws:" not in arn:
            environment.call("iam", "attach_role_policy", RoleName=name, PolicyArn=arn)
    return {"Ref": name, "Arn": created["Arn"], "RoleId": created["RoleId"]}


def managed_policy(environment: Environment, properties: Properties) -> dict[str, str]:
    """A customer-managed policy, attached to the roles that it names."""
    name = environment.name(properties, "ManagedPolicyName", 128)
    document = properties.require("PolicyDocument")
    optional = properties.given("Path", "Description")
    arn = environment.call("iam", "create_policy", PolicyName=name, PolicyDocument=document, **optional)["Policy"][
        "Arn"
    ]
    for role_name in properties.get("Roles", []):
        environment.call("iam", "attach_role_policy", RoleName=role_name, PolicyArn=arn)
    return {"Ref": arn, "PolicyArn": arn}


def inline_policy(environment: Environment, properties: Properties) -> dict[str, str]:
    """A policy put into each of the roles that it names."""
    name, document = properties.require("PolicyName"), properties.require("PolicyDocument")
    for role_name in properties.require("Roles"):
        environment.call("iam", "put_role_policy", RoleName=role_name, PolicyName=name, PolicyDocument=document)
    return {"Ref": name}


CREATORS = {
    "AWS::IAM::Role": Creator(role, NO_TAGS),
    "AWS::IAM::ManagedPolicy": Creator(managed_policy),
    "AWS::IAM::Policy": Creator(inline_policy),
}
