/**
 * The quote generation service: the protocol that Intel's qgsd and QEMU speak (version 1.1), a
 * server on a Unix socket or a loopback port, and a client. Requests come from guests and are as
 * untrusted as these; every answer to them is a message of the protocol.
 */
package org.swtdx.attestation.qgs;
