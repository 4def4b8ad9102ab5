/**
 * What Intel publishes about platforms, and a verifier needs beside a quote: TCB info, QE identity,
 * revocation lists, and the certificates that sign them. Documents are kept as the bytes that were
 * signed, next to the records they are read into. Nothing here judges signatures or times.
 */
package org.swtdx.attestation.collateral;
