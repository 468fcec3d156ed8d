"""Decides the calls on standard input in the component: one JSON object a line in, one a line out.

The first argument is the component.
"""

import base64
import json
import sys

from wasmtime import Config, Engine, Store
from wasmtime.component import Component, Func, Instance, Linker, Record

INTERFACE = "sealstone:policy/policy@0.1.0"


def main() -> None:
    config = Config()
    config.wasm_component_model = True
    engine = Engine(config)
    component = Component.from_file(engine, sys.argv[1])
    linker = Linker(engine)  # without anything in it: the component imports nothing
    for line in sys.stdin:
        print(json.dumps(perform(linker, component, json.loads(line))), flush=True)


def perform(linker: Linker, component: Component, call: dict) -> dict:
    try:
        return decide(linker, component, call)
    except Exception as error:  # whatever it is, nothing was decided
        return {"error": f"{type(error).__name__}: {error}"}


def decide(linker: Linker, component: Component, call: dict) -> dict:
    """Decides in an instance of its own."""
    store = Store(linker.engine)
    instance = linker.instantiate(store, component)
    compile_policy = function(store, instance, "[static]compiled-policy.compile")
    decide_request = function(store, instance, "[method]compiled-policy.decide")

    roots = [
        record(name=root["name"], content=text(root["trustedRoot"]))
        for root in call.get("trustedRoots", [])
    ]
    policy = compile_policy(store, text(call["policy"]), roots)
    if isinstance(policy, list):
        raise ValueError(f"the policy is malformed: {[problem.code for problem in policy]}")
    evidence = [image_evidence(image) for image in call["evidence"]]
    decision = decide_request(store, policy, text(call["request"]), evidence, call["now"])
    policy.drop(store)
    return {
        "allowed": decision.allowed,
        "outcome": decision.outcome,
        "document": decision.document.decode(),
    }


def function(store: Store, instance: Instance, name: str) -> Func:
    interface = instance.get_export_index(store, INTERFACE)
    found = instance.get_func(store, instance.get_export_index(store, name, interface))
    if found is None:
        raise LookupError(f"the component exports no {name}")
    return found


def image_evidence(image: dict) -> Record:
    return record(
        reference=image["reference"],
        digest=image["digest"],
        evidence=[
            record(
                media_type=piece["mediaType"],
                content=base64.b64decode(piece["content"], validate=True),
                annotations=list(piece.get("annotations", {}).items()),
            )
            for piece in image["evidence"]
        ],
        unavailable=image.get("unavailable"),
    )


def record(**fields: object) -> Record:
    """A record, whose fields have hyphens where Python has underscores."""
    made = Record()
    for name, value in fields.items():
        setattr(made, name.replace("_", "-"), value)
    return made


def text(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


if __name__ == "__main__":
    main()
