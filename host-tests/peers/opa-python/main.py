"""Evaluates jobs with opa-wasmtime: one JSON object a line in, one a line out. The module is loaded
once, so that every evaluation but the first meets what the one before left behind."""

import json
import sys

from opa_wasmtime import OPAPolicy


def evaluate(policy, job):
    try:
        policy.set_data(job["data"])
        return {"results": policy.evaluate(job["input"], job["entrypoint"])}
    except Exception as error:  # Whatever it is, it is no answer.
        return {"error": str(error)}


def main():
    policy = OPAPolicy(sys.argv[1])
    for line in sys.stdin:
        print(json.dumps(evaluate(policy, json.loads(line))), flush=True)


main()
