// Says whether a file is a SARIF log that code scanning takes: `node main.js FILE`. Each error is a line on
// standard output; the status is 1 when there is one.
"use strict";

const { chmodSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { spawnSync } = require("node:child_process");

// The package marks its program as one in a script of its installation, and no such script is run.
const program = join(dirname(require.resolve("@microsoft/sarif-multitool-linux/package.json")), "Sarif.Multitool");
chmodSync(program, 0o755);

// The rules of the format and those of GitHub's code scanning.
const validated = spawnSync(program, ["validate", process.argv[2], "--rule-kind", "Sarif;Ghas"], {
  encoding: "utf8",
  // It needs no libraries for languages.
  env: { ...process.env, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: "1" },
});
if (validated.status !== 0 || !validated.stdout.includes("Analysis completed successfully.")) {
  process.stderr.write(`${validated.error ?? ""}${validated.stdout}${validated.stderr}`);
  process.exit(2);
}
const errors = validated.stdout.split("\n").filter((line) => line.includes(": error "));
for (const line of errors) {
  console.log(line);
}
process.exit(errors.length > 0 ? 1 : 0);
