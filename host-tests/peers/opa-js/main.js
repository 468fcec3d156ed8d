// Evaluates jobs with @open-policy-agent/opa-wasm: one JSON object a line in, one a line out. The module
// is loaded once, so that every evaluation but the first meets what the one before left behind.

const { readFileSync } = require("node:fs");
const { createInterface } = require("node:readline");

const { loadPolicy } = require("@open-policy-agent/opa-wasm");

async function main() {
  const policy = await loadPolicy(readFileSync(process.argv[2]));
  const lines = createInterface({ input: process.stdin, crlfDelay: Infinity });
  for await (const line of lines) {
    process.stdout.write(`${JSON.stringify(evaluate(policy, JSON.parse(line)))}\n`);
  }
}

function evaluate(policy, { entrypoint, input, data }) {
  try {
    policy.setData(data);
    return { results: policy.evaluate(input, entrypoint) };
  } catch (error) {
    return { error: String(error) };
  }
}

main();
