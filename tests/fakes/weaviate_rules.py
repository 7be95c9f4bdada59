"""What a real Weaviate refuses to make: names and definitions of collections, names of tenants and aliases."""

import re
from typing import Any

CLASS_NAME = re.compile(r"[A-Z][_0-9A-Za-z]{0,254}")
PROPERTY_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]{0,230}")
TENANT_NAME = re.compile(r"[A-Za-z0-9\-_]{1,64}")
RESERVED = {"_additional", "_id", "id"}
TOKENIZATIONS = {"word", "lowercase", "whitespace", "field", "trigram"}
DELETION_STRATEGIES = {"NoAutomatedResolution", "DeleteOnConflict", "TimeBasedResolution"}


def wrong_with(definition: dict[str, Any], nodes: int, least_replicas: int = 1) -> str:
    """What is wrong with a collection that shall be made; empty where nothing is."""
    if not CLASS_NAME.fullmatch(definition["class"]):
        return f"'{definition['class']}' is not a valid class name"
    if definition.get("shardingConfig") and definition["multiTenancyConfig"]["enabled"]:
        return "cannot have both shardingConfig and multiTenancyConfig"
    replication = definition["replicationConfig"]
    if replication["factor"] > nodes:
        wanted = replication["factor"]
        return f"could not find enough weaviate nodes for replication: {nodes} available, {wanted} requested"
    if replication["factor"] < least_replicas:
        got = f"setup requires a minimum replication factor of {least_replicas}: got {replication['factor']}"
        return f"invalid replication factor: {got}"
    if replication.get("deletionStrategy", "NoAutomatedResolution") not in DELETION_STRATEGIES:
        return "invalid deletion strategy"
    for name, vector in definition["vectorConfig"].items():
        if vector["vectorizer"] != {"none": {}}:
            return f"target vector {name!r}: vectorizer: no module with name"
        if vector.get("vectorIndexType") not in {"hnsw", "flat"}:
            return f"target vector {name!r}: unrecognized or unsupported vectorIndexType"
    names = [each["name"].lower() for each in definition["properties"]]
    if len(set(names)) != len(names):
        return "already in use or provided multiple times"
    return next(filter(None, map(_wrong_with_property, definition["properties"])), "")


def _wrong_with_property(made: dict[str, Any]) -> str:
    name, (kind,) = made["name"], made["dataType"]
    if not PROPERTY_NAME.fullmatch(name) or name in RESERVED:
        return f"'{name}' is not a valid property name"
    if kind == "text":
        allowed = made.get("tokenization", "word") in TOKENIZATIONS
        return "" if allowed else f"tokenization '{made['tokenization']}' is not allowed for data type 'text'"
    if made.get("tokenization"):
        return f"tokenization is not allowed for data type '{kind}'"
    if made.get("indexSearchable"):
        return "`indexSearchable` is allowed only for text/text[] data types"
    return "" if kind == "int" else f"invalid dataType: {kind}"
