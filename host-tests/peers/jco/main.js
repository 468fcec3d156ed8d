// Decides the calls on standard input in the component that jco transpiled: one JSON object a line in,
// one a line out. The first argument is the file that `jco transpile` wrote.

import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { policy: component } = await import(pathToFileURL(process.argv[2]).href);
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

const lines = createInterface({ input: process.stdin, crlfDelay: Infinity });
for await (const line of lines) {
  process.stdout.write(`${JSON.stringify(perform(JSON.parse(line)))}\n`);
}

function perform(call) {
  try {
    return decide(call);
  } catch (error) {
    return { error: `${error.name}: ${error.message} ${JSON.stringify(error.payload)}` };
  }
}

function decide(call) {
  const roots = (call.trustedRoots ?? []).map(({ name, trustedRoot }) => ({
    name,
    content: text(trustedRoot),
  }));
  const policy = component.CompiledPolicy.compile(text(call.policy), roots);
  try {
    const evidence = call.evidence.map(imageEvidence);
    const { allowed, outcome, document } = policy.decide(
      text(call.request),
      evidence,
      BigInt(call.now),
    );
    return { allowed, outcome, document: decoder.decode(document) };
  } finally {
    policy[Symbol.dispose]();
  }
}

function imageEvidence({ reference, digest, evidence, unavailable }) {
  const pieces = evidence.map((piece) => ({
    mediaType: piece.mediaType,
    content: new Uint8Array(Buffer.from(piece.content, "base64")),
    annotations: Object.entries(piece.annotations ?? {}),
  }));
  return { reference, digest, evidence: pieces, unavailable };
}

function text(value) {
  return encoder.encode(JSON.stringify(value));
}
