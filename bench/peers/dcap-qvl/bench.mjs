// Measures dcap-qvl: full verifications of one quote per second of processor time.
//
//   node bench.mjs js|wasm QUOTE BUNDLE UNIXTIME SECONDS
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [kind, quoteFile, bundleFile, time, seconds] = process.argv.slice(2);
const require = createRequire(process.cwd() + "/");
const quote = readFileSync(quoteFile);
const text = JSON.parse(readFileSync(bundleFile, "utf8"));
const binary = ["root_ca_crl", "pck_crl", "tcb_info_signature", "qe_identity_signature"];
const decode = (name, value) => (binary.includes(name) ? Buffer.from(value, "hex") : value);
const collateral = Object.fromEntries(
  Object.entries(text).map(([name, value]) => [name, decode(name, value)]),
);

let run;
if (kind === "js") {
  const { verify } = require("@phala/dcap-qvl");
  run = () => verify(quote, collateral, Number(time));
} else {
  const module = require.resolve("@phala/dcap-qvl-web/dcap-qvl-web.js");
  const wasm = await import("file://" + module);
  wasm.initSync({ module: readFileSync(module.replace(/\.js$/, "_bg.wasm")) });
  run = () => wasm.js_verify(quote, text, BigInt(time));
}

if ((await run()).status !== "UpToDate") throw new Error("the quote is not UpToDate");
let best = 0;
for (let round = 0; round < 3; round++) {
  const began = process.cpuUsage();
  let count = 0;
  let used = 0;
  while (used < seconds) {
    for (let i = 0; i < 10; i++, count++) await run();
    const usage = process.cpuUsage(began);
    used = (usage.user + usage.system) / 1e6;
  }
  best = Math.max(best, count / used);
}
console.log(best.toFixed(0));
