// Shows a quote to dcap-qvl (npm package @phala/dcap-qvl).
// usage: node dcap-qvl.js QUOTE COLLATERAL ROOT.der, with the package in NODE_PATH
const fs = require('fs');
const { QuoteVerifier } = require('@phala/dcap-qvl');

const [quote, collateral, root] = process.argv.slice(2).map((path) => fs.readFileSync(path));
try {
  const report = QuoteVerifier.newWithRootCa(root).verify(
    quote,
    JSON.parse(collateral.toString('utf8')),
    Math.floor(Date.now() / 1000),
  );
  console.log(`accepted ${report.status} ${report.advisory_ids.join(',')}`);
} catch (e) {
  console.log(`refused ${e.message}${e.cause ? ': ' + e.cause.message : ''}`);
}
